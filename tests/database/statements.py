"""Statements sent as the owner, and the refusals that they meet."""

import pytest
from django.db import DatabaseError, connection, transaction


def run(statement, values=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def refused(statement, values=None, match=None, error=DatabaseError):
    with pytest.raises(error, match=match), transaction.atomic():
        run(statement, values)
