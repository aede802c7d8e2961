"""Take over the names that a roster has for people."""

from collections.abc import Mapping

from django.db import connection

from database.areas import acting_as


def rename_people(*, names: Mapping[int, str]) -> None:
    """{user id: full name}; set-based."""
    with acting_as("area_learning"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE learning.people_user u SET full_name = n.full_name FROM unnest(%s::bigint[], %s::text[]) AS n (id, full_name) "
            "WHERE u.id = n.id AND u.full_name <> n.full_name",
            [list(names), list(names.values())],
        )
