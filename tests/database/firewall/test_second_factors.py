"""Whose second factor each site's login reads and writes: real connections of the runtime logins."""

import pytest
from psycopg.errors import InsufficientPrivilege

WHO = {"auditor": "credence_office", "teacher": "credence_learning"}
ADD = (
    "INSERT INTO learning.mfa_authenticator (type, data, user_id, created_at) "
    "SELECT 'totp', '{}', id, now() FROM learning.people_user WHERE username = %s"
)


@pytest.fixture
def people(owner):
    from people.actions.appoint import appoint
    from tests import build

    appoint(username="teacher", full_name="Teacher", kind="teacher", starts_on=build.START)
    with owner.cursor() as cursor:
        cursor.execute("DELETE FROM learning.mfa_authenticator")
        for name in WHO:
            cursor.execute(ADD, [name])
    yield
    with owner.cursor() as cursor:
        cursor.execute("DELETE FROM learning.mfa_authenticator")


def seen(session):
    found = session.execute("SELECT user_id FROM learning.mfa_authenticator").fetchall()
    return {user for (user,) in found}


def test_each_site_reads_the_second_factors_of_those_whom_it_signs_in(enter, people, owner):
    with owner.cursor() as cursor:
        cursor.execute("SELECT username, id FROM learning.people_user WHERE username = ANY (%s)", [list(WHO)])
        ids = dict(cursor.fetchall())
    assert {login: seen(enter(login)) for login in WHO.values()} == {login: {ids[name]} for name, login in WHO.items()}


def test_neither_site_takes_away_or_adds_one_of_the_other(enter, people):
    learning, office = enter("credence_learning"), enter("credence_office")
    for session in (learning, office):
        with session.transaction(force_rollback=True):
            assert session.execute("DELETE FROM learning.mfa_authenticator").rowcount == 1
    with pytest.raises(InsufficientPrivilege), learning.transaction():
        learning.execute(ADD.replace("'totp'", "'webauthn'"), ["auditor"])
    # The office does not so much as see who is not its own.
    assert office.execute(ADD, ["teacher"]).rowcount == 0
