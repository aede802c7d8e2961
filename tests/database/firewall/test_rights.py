"""The matrix of rights as the runtime logins meet it: real connections of their own, on facts and books really committed.

What may be read and written stands here a second time, apart from the matrix of grants, so that a slip there is seen.
"""

import pytest
from psycopg import sql

from tests.database.firewall.sessions import AREAS, CONTEXTS, NO_WAY, columns, refuses, relations

FUNDING_TABLES = {
    "program", "policyversion", "account", "fiscalperiod", "run", "runshard", "rundirty", "pricedcase", "claim", "earningstate",
    "transfer", "paymentbatch", "paymentline", "discrepancy", "discrepancyresolution",
}  # fmt: skip
FACTS_FOR_FUNDING = {
    "batch", "completion", "enrollment", "enrollment_change", "assignment", "module", "offering", "provider", "residence", "need",
    "milestone", "unmatched_completion",
}  # fmt: skip
LEARNING_TABLES = {
    "people_user", "people_organization", "people_providerstatus", "people_role", "people_guardianship", "people_apitoken",
    "enrollments_sourcesystem", "enrollments_intakebatch", "enrollments_schoolyear", "enrollments_term", "enrollments_course",
    "enrollments_module", "enrollments_offering", "enrollments_assignment", "enrollments_enrollment",
    "enrollments_enrollmentchange", "enrollments_residence", "enrollments_need", "enrollments_completion",
    "enrollments_unmatchedcompletion", "enrollments_courseresult", "enrollments_attestedmilestone",
}  # fmt: skip
SIGN_IN = {"public.django_session", "learning.people_user", "learning.people_role", "learning.people_organization"}
FUNDING = {f"funding.funding_{table}" for table in FUNDING_TABLES}
LEARNING = {f"learning.{table}" for table in LEARNING_TABLES}
STANDING = "learning.people_providerstatus"
SNAPSHOT = "accountability.accountability_indicatorsnapshot"

# {(login, area entered): the relations whose every column it reads}
READS = {
    ("credence_learning", None): SIGN_IN | {"learning.people_apitoken"},
    ("credence_learning", "area_learning"): LEARNING,
    ("credence_office", None): SIGN_IN,
    ("credence_funding", None): set(),
    ("credence_accountability", None): set(),
    ("credence_beat", None): set(),
}
FUNDING_READS = FUNDING | {f"learning.{fact}_facts" for fact in FACTS_FOR_FUNDING} | {"learning.people_role"}
QUALITY_READS = {"learning.outcome_facts", "learning.provider_facts", "learning.people_role", STANDING, SNAPSHOT}
for _login in ("credence_office", "credence_funding"):
    READS[_login, "area_funding"] = FUNDING_READS
for _login in ("credence_office", "credence_accountability"):
    READS[_login, "area_accountability"] = QUALITY_READS

# {area, or login outside any: the tables that it adds to}
ADDS = {
    "area_learning": LEARNING - {STANDING},
    "area_funding": FUNDING,
    "area_accountability": {SNAPSHOT, STANDING},
    "credence_learning": {"public.django_session"},
    "credence_office": {"public.django_session"},
}
# {area or login: {table: the columns that it changes}}
SESSION = {"public.django_session": {"session_key", "session_data", "expire_date"}}
CHANGES = {
    "area_learning": {
        "learning.people_user": {"last_login", "password", "full_name", "is_active"},
        "learning.people_apitoken": {"revoked_at"},
        "learning.enrollments_enrollment": {"enrolled_on", "withdrawn_on"},
    },
    "area_funding": {
        "funding.funding_program": {"on_timetable"},
        "funding.funding_fiscalperiod": {"closed_at", "closed_by"},
        "funding.funding_run": {"finished_at", "digest", "result"},
        "funding.funding_runshard": {"done_at", "claims_changed", "transfers", "posted_cents", "not_in_force"},
        "funding.funding_earningstate": {
            "program_id", "enrollment_id", "module_id", "provider_id", "offering_id", "case_id", "claims", "postings",
            "earned_cents", "posted_cents",
        },
        "funding.funding_paymentbatch": {"released_at", "released_by"},
        "funding.funding_discrepancyresolution": {"consumed_by_id"},
    },
    "credence_learning": {**SESSION, "learning.people_user": {"last_login", "password"}},
    "credence_office": {**SESSION, "learning.people_user": {"last_login", "password"}},
}  # fmt: skip
REMOVES = {
    "area_funding": {"funding.funding_rundirty"},
    "credence_learning": {"public.django_session"},
    "credence_office": {"public.django_session"},
}


@pytest.mark.parametrize(("login", "area"), CONTEXTS)
def test_a_login_reads_exactly_what_it_is_meant_to(enter, login, area):
    session = enter(login, area)
    readable = {name for name, _ in relations(session) if not refuses(session, f"SELECT * FROM {name} LIMIT 1")}
    assert readable == READS[login, area]


@pytest.mark.parametrize(("login", "area"), CONTEXTS)
def test_a_login_adds_to_exactly_what_it_is_meant_to(enter, login, area):
    session = enter(login, area)
    tables = [name for name, is_view in relations(session) if not is_view]
    assert {name for name in tables if not refuses(session, f"INSERT INTO {name} DEFAULT VALUES")} == ADDS.get(area or login, set())


@pytest.mark.parametrize(("login", "area"), CONTEXTS)
def test_a_login_changes_exactly_the_columns_that_it_is_meant_to(enter, login, area):
    session = enter(login, area)
    changed = {}
    for name, is_view in relations(session):
        mine = {
            column
            for column in columns(session, name)
            if not is_view and not refuses(session, f'UPDATE {name} SET "{column}" = DEFAULT WHERE false')
        }
        changed |= {name: mine} if mine else {}
    assert changed == CHANGES.get(area or login, {})


@pytest.mark.parametrize(("login", "area"), CONTEXTS)
def test_a_login_removes_from_nothing_but_its_work_list_and_sessions(enter, login, area):
    session = enter(login, area)
    tables = [name for name, is_view in relations(session) if not is_view]
    assert {name for name in tables if not refuses(session, f"DELETE FROM {name} WHERE false")} == REMOVES.get(area or login, set())
    assert [name for name in tables if not refuses(session, f"TRUNCATE {name}")] == []


@pytest.mark.parametrize(("login", "area"), CONTEXTS)
def test_no_view_is_a_way_to_write(enter, login, area):
    session = enter(login, area)
    for name, is_view in relations(session):
        for statement in (f"INSERT INTO {name} DEFAULT VALUES", f"DELETE FROM {name}") if is_view else ():
            with pytest.raises(NO_WAY), session.transaction(force_rollback=True):
                session.execute(statement)


@pytest.mark.parametrize("login", sorted({login for login, _ in CONTEXTS}))
def test_a_login_enters_its_own_areas_and_no_other_role(enter, login):
    session = enter(login)
    own = {area for name, area in CONTEXTS if name == login and area}
    others = {name for name, _ in CONTEXTS} | {"credence_owner", "postgres", "pg_read_all_data", "pg_execute_server_program"}
    exist = {name for (name,) in session.execute("SELECT rolname FROM pg_roles")}
    for role in ({*AREAS} | others) & exist - own - {login}:
        assert refuses(session, sql.SQL("SET ROLE {}").format(sql.Identifier(role))), role
        assert refuses(session, sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role))), role
    for area in own:
        assert not refuses(session, f"SET ROLE {area}")


def test_every_login_and_area_is_spoken_of_here():
    assert set(READS) == set(CONTEXTS)
