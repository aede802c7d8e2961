"""A guard for the tests here that really commit."""

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def own_database(django_db_setup):
    """Sees to it that `committed_db`, which empties what it is connected to, is connected to a test database."""
    name = connection.settings_dict["NAME"]
    if not name.startswith("test_"):
        pytest.fail(f"The tests are connected to {name}, which is no test database.")
