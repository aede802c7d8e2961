"""Adding the people and organizations that a roster names and that are not on file yet, set by set."""

import datetime
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection

from database.areas import acting_as


def add_missing_organizations(*, kind: str, names: dict[str, str]) -> int:
    """Add organizations of `kind` by code ({code: name}); answers how many were new."""
    return _add(
        "INSERT INTO learning.people_organization (uuid, kind, code, name) "
        "SELECT gen_random_uuid(), %s, t.code, t.name FROM unnest(%s::text[], %s::text[]) AS t (code, name) "
        "WHERE NOT EXISTS (SELECT FROM learning.people_organization o WHERE o.kind = %s AND o.code = t.code) "
        "ORDER BY t.code ON CONFLICT DO NOTHING",
        [kind, list(names), list(names.values()), kind],
    )


def add_missing_students(*, usernames: Iterable[str], names: Mapping[str, str] = MappingProxyType({})) -> int:
    """Add users who cannot sign in with a password, with the name that `names` has for them, if any; answers how many
    were new."""
    listed = list(usernames)
    return _add(
        "INSERT INTO learning.people_user (uuid, username, full_name, password, works_in_office, is_active) "
        "SELECT gen_random_uuid(), t.username, t.full_name, %s, false, true "
        "FROM (SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) AS n (username, full_name)) t "
        "WHERE NOT EXISTS (SELECT FROM learning.people_user u WHERE u.username = t.username) "
        "ORDER BY t.username ON CONFLICT DO NOTHING",
        [UNUSABLE_PASSWORD_PREFIX, listed, [names.get(username, "") for username in listed]],
    )


def add_missing_roles(*, kind: str, holders: Iterable[tuple[int, int, datetime.date]]) -> int:
    """Give the role `kind` to each (user id, organization id) from the day on, unless they hold it there without an end;
    answers how many were new."""
    listed = list(holders)
    return _add(
        "INSERT INTO learning.people_role (user_id, kind, organization_id, starts_on) "
        "SELECT t.person, %s, t.place, t.day FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS t (person, place, day) "
        "WHERE NOT EXISTS (SELECT FROM learning.people_role r WHERE r.user_id = t.person AND r.kind = %s "
        "AND r.organization_id = t.place AND r.ends_on IS NULL) ORDER BY 1, 3 ON CONFLICT DO NOTHING",
        [kind, [one[0] for one in listed], [one[1] for one in listed], [one[2] for one in listed], kind],
    )


def _add(statement: str, values: list[Any]) -> int:
    with acting_as("area_learning"), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount
