"""Sessions of the runtime logins: in which area, what they are refused, and what there is to ask for."""

import psycopg

REFUSED = psycopg.errors.InsufficientPrivilege
# A view over more than one table takes no row, whoever gives it.
NO_WAY = (REFUSED, psycopg.errors.ObjectNotInPrerequisiteState)
# Every login, outside any area and in each that it may enter.
CONTEXTS = [
    ("credence_learning", None),
    ("credence_learning", "area_learning"),
    ("credence_office", None),
    ("credence_office", "area_funding"),
    ("credence_office", "area_accountability"),
    ("credence_funding", None),
    ("credence_funding", "area_funding"),
    ("credence_accountability", None),
    ("credence_accountability", "area_accountability"),
    ("credence_beat", None),
]
AREAS = ("area_learning", "area_funding", "area_accountability")


def refuses(session, statement, values=None):
    """Whether the statement is refused for want of a right; the session is as it was before."""
    try:
        with session.transaction(force_rollback=True):
            session.execute(statement, values)
    except REFUSED:
        return True
    except psycopg.Error:
        return False
    return False


def relations(session):
    found = session.execute(
        "SELECT n.nspname || '.' || c.relname, c.relkind = 'v' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('public', 'learning', 'funding', 'accountability', 'audit') AND c.relkind IN ('r', 'v', 'm', 'p') "
        "ORDER BY 1"
    )
    return found.fetchall()


def columns(session, relation):
    found = session.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = (SELECT c.oid FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = %s) AND attnum > 0 AND NOT attisdropped",
        [relation],
    )
    return {name for (name,) in found}
