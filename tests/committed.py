"""Real commits in tests: emptying the database afterwards, and connecting as a runtime login."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection

# For this session's logins at a server that is not the local one; one for all, so that a second connection leaves the
# first one's worker its way in.
PASSWORD = secrets.token_hex()


def empty_every_table():
    """Every row of every area and of the sign-in tables, but what a migration brought. Guards that refuse a TRUNCATE stand
    aside for this alone."""
    name = connection.settings_dict["NAME"]
    assert name.startswith("test_"), f"{name} is no test database: it is not emptied"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('SELECT %1$L WHERE EXISTS (SELECT FROM %1$s)', quote_ident(schemaname) || '.' || tablename), "
            "' UNION ALL ') FROM pg_tables "
            "WHERE (schemaname IN ('learning', 'funding', 'accountability', 'audit') OR tablename = 'django_session') "
            "AND tablename <> 'enrollments_milestone'"
        )
        cursor.execute(cursor.fetchone()[0])
        # To truncate an empty table costs as much as a full one: it is a new file.
        if tables := ", ".join(table for (table,) in cursor.fetchall()):
            cursor.execute(f"SET session_replication_role = replica; TRUNCATE {tables} CASCADE; RESET session_replication_role")
        cursor.execute(
            "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence "
            "WHERE seqrelid <> 'learning.enrollments_milestone_id_seq'::regclass"
        )


def runtime_logins(login):
    """A new connection of `login` to the database of this test."""
    parameters = connection.get_connection_params()
    wanted = {key: parameters[key] for key in ("dbname", "host", "port", "options") if parameters.get(key)}
    if settings.EMBEDDED_POSTGRES:
        return psycopg.connect(**wanted, user=login, passfile=parameters["passfile"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {login} PASSWORD '{PASSWORD}'")
    return psycopg.connect(**wanted, user=login, password=PASSWORD)


@contextmanager
def django_as(login: str) -> Iterator[None]:
    """Django's own connection, and those of processes forked meanwhile, as a runtime login."""
    owner = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    if not settings.EMBEDDED_POSTGRES:
        runtime_logins(login).close()
        connection.settings_dict["PASSWORD"] = PASSWORD
    connection.close()
    connection.settings_dict["USER"] = login
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(owner)
