"""Ways around the firewall, tried as the runtime logins on facts and books really committed: none leads through."""

import psycopg
import pytest

from enrollments.models import Enrollment
from people.models import User
from tests.database.firewall.sessions import CONTEXTS, REFUSED, columns, refuses, relations

ESCAPES = [
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/out'",
    "CREATE TEMPORARY TABLE t (line text); COPY t FROM '/etc/hostname'",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_ls_dir('/')",
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "ALTER TABLE funding.funding_transfer DISABLE TRIGGER ALL",
    "ALTER TABLE learning.people_user DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE funding.funding_transfer OWNER TO CURRENT_USER",
    "DROP TRIGGER append_only ON funding.funding_transfer",
    "DROP POLICY office_sees_its_own ON learning.people_user",
    "DROP TABLE funding.funding_transfer",
    "DROP VIEW learning.completion_facts",
    "CREATE OR REPLACE VIEW learning.completion_facts AS SELECT * FROM learning.enrollments_courseresult",
    "CREATE RULE r AS ON INSERT TO funding.funding_transfer DO INSTEAD NOTHING",
    "LOCK TABLE funding.funding_transfer IN ACCESS EXCLUSIVE MODE",
    "CREATE TABLE public.mine (id int)",
    "CREATE TABLE funding.mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE FUNCTION learning.mine() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1",
    "CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE ROLE mine",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE credence_owner PASSWORD 'known'",
    "ALTER ROLE credence_learning PASSWORD 'known'",
    "GRANT area_learning TO CURRENT_USER",
    "GRANT area_accountability TO credence_funding",
    "GRANT pg_read_all_data TO CURRENT_USER",
    "GRANT SELECT ON learning.enrollments_courseresult TO PUBLIC",
    "SELECT pg_reload_conf()",
    "SELECT audit.look_up_student(1, 1, 'to see')",
    "SELECT nextval('learning.enrollments_intakebatch_id_seq')",
    "SELECT last_value FROM funding.funding_run_id_seq",
]


@pytest.mark.parametrize(("login", "area"), [context for context in CONTEXTS if context[0] != "credence_learning"])
def test_a_login_finds_no_way_out(enter, login, area):
    session = enter(login, area)
    own_function = "audit.look_up_student" if login == "credence_office" and area is None else None
    found = [way for way in ESCAPES if not (own_function and own_function in way) and not refuses(session, way)]
    assert found == []


def test_leaving_an_area_leaves_its_rights_behind(enter):
    session = enter("credence_funding", "area_funding")
    session.execute("SELECT FROM funding.funding_transfer")
    session.execute("RESET ROLE")
    assert refuses(session, "SELECT FROM funding.funding_transfer")
    session.rollback()
    assert refuses(session, "SELECT FROM funding.funding_transfer")


def test_a_right_cannot_be_handed_on(enter):
    session = enter("credence_funding", "area_funding")
    session.execute("GRANT SELECT ON funding.funding_transfer TO PUBLIC")
    session.commit()
    assert refuses(enter("credence_accountability", "area_accountability"), "SELECT FROM funding.funding_transfer")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funding_transfer SET amount_cents = amount_cents + 1",
        "UPDATE funding_pricedcase SET earned_cents = 0",
        "UPDATE funding_claim SET earned_cents = 0",
        "UPDATE funding_policyversion SET content = ''",
        "UPDATE funding_paymentline SET amount_cents = 0",
        "UPDATE funding_run SET through_batch = 0",
        "UPDATE funding_discrepancyresolution SET outcome = 'accepted'",
        "DELETE FROM funding_transfer",
        "DELETE FROM funding_claim",
        "DELETE FROM funding_paymentline",
        "TRUNCATE funding_transfer",
        "TRUNCATE funding_transfer, funding_claim, funding_paymentline CASCADE",
        "MERGE INTO funding_transfer t USING (SELECT 1) x ON true WHEN MATCHED THEN DELETE",
        "INSERT INTO funding_transfer SELECT * FROM funding_transfer ON CONFLICT (effect_key) DO UPDATE SET amount_cents = 1",
        "SELECT FROM funding_transfer FOR UPDATE",
    ],
)
def test_the_funding_worker_cannot_edit_what_is_written(enter, owner, statement):
    def ledger():
        with owner.cursor() as cursor:
            cursor.execute("SELECT md5(string_agg(t::text, '' ORDER BY effect_key)), count(*) FROM funding_transfer t")
            return cursor.fetchone()

    before = ledger()
    session = enter("credence_funding", "area_funding")
    with pytest.raises(REFUSED):
        session.execute(statement)
    session.rollback()
    assert ledger() == before
    assert before[1] > 0


def test_a_function_that_tells_what_it_is_shown_is_not_shown_more_than_the_view_shows(enter):
    session = enter("credence_funding", "area_funding")
    told = []
    session.add_notice_handler(lambda notice: told.append(notice.message_primary))
    session.execute(
        "CREATE FUNCTION pg_temp.tell(word text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 "
        "AS 'BEGIN RAISE NOTICE ''%'', word; RETURN true; END'"
    )
    session.execute("SELECT title FROM assignment_facts WHERE pg_temp.tell(title)")
    session.execute("SELECT username FROM learning.people_user WHERE pg_temp.tell(username)")
    assert "Work 1.1" in told
    assert "auditor" in told
    assert [word for word in told if "examination" in word or word.startswith("enrolled-")] == []


def test_funding_sees_no_examination_and_no_mark_and_no_student(enter):
    session = enter("credence_funding", "area_funding")
    assert session.execute("SELECT count(*) FROM assignment_facts").fetchone() == (4,)
    views = [name for name, is_view in relations(session) if is_view and not refuses(session, f"SELECT FROM {name}")]
    assert len(views) == 16
    for view in views:
        assert {"student_id", "outcome", "stakes", "due_on", "full_name"} & columns(session, view) == set(), view


def test_accountability_sees_outcomes_and_no_completion_rate_or_payment(enter):
    session = enter("credence_accountability", "area_accountability")
    assert session.execute("SELECT outcome FROM outcome_facts").fetchall() == [("pass",)]
    books = [name for name, _ in relations(session) if name.startswith("funding.")]
    for denied in ("learning.completion_facts", "learning.enrollments_completion", *books):
        assert refuses(session, f"SELECT FROM {denied}"), denied


def test_the_office_never_reads_money_and_quality_in_one_breath(enter):
    session = enter("credence_office")
    both = "SELECT FROM funding.funding_transfer, learning.outcome_facts"
    assert refuses(session, both)
    for area in ("area_funding", "area_accountability"):
        session.execute(f"SET LOCAL ROLE {area}")
        assert refuses(session, both)


def test_the_office_sees_its_own_people_and_no_students_row(enter, owner):
    session = enter("credence_office")
    names = {name for (name,) in session.execute("SELECT username FROM people_user")}
    assert names == {"writer", "first", "second", "auditor", "finance_officer"}
    assert session.execute("UPDATE people_user SET password = 'x' WHERE username LIKE 'enrolled-%'").rowcount == 0
    session.execute("SET LOCAL row_security = off")
    with pytest.raises(REFUSED):
        session.execute("SELECT username FROM people_user")
    assert User.objects.filter(username__startswith="enrolled-").count() == 1


def test_a_look_at_a_name_is_for_auditors_and_is_written_down(enter, owner):
    auditor, officer = (User.objects.get(username=name).pk for name in ("auditor", "finance_officer"))
    student = Enrollment.objects.get()
    session = enter("credence_office")
    look = "SELECT audit.look_up_student(%s, %s, %s)"
    assert refuses(session, look, [student.pk, officer, "to know"])
    assert refuses(session, look, [student.pk, 10**9, "to know"])
    with pytest.raises(psycopg.errors.CheckViolation), session.transaction():
        session.execute(look, [student.pk, auditor, " "])
    assert session.execute(look, [10**9, auditor, "to know"]).fetchone() == (None,)
    assert session.execute(look, [student.pk, auditor, "complaint 7"]).fetchone() == (student.student.full_name,)
    session.commit()
    with owner.cursor() as cursor:
        cursor.execute("SELECT viewer_id, student_id, purpose FROM audit.people_studentlook")
        assert cursor.fetchall() == [(auditor, student.student_id, "complaint 7")]


@pytest.mark.parametrize(("ends_on", "starts_on"), [("current_date", "current_date - 1"), ("NULL", "current_date + 1")])
def test_an_auditor_before_or_after_the_time_of_the_role_looks_up_nobody(enter, owner, ends_on, starts_on):
    with owner.cursor() as cursor:
        cursor.execute("INSERT INTO people_user (uuid, username, full_name, password, works_in_office, is_active) "
                       "VALUES (gen_random_uuid(), %s, '', '!', true, true) RETURNING id", [f"former {ends_on}"])  # fmt: skip
        former = cursor.fetchone()[0]
        cursor.execute(
            f"INSERT INTO people_role (user_id, kind, starts_on, ends_on) VALUES ({former}, 'auditor', {starts_on}, {ends_on})"
        )
    assert refuses(enter("credence_office"), "SELECT audit.look_up_student(1, %s, 'to know')", [former])
    with owner.cursor() as cursor:
        cursor.execute("DELETE FROM people_role WHERE user_id = %s", [former])
        cursor.execute("DELETE FROM people_user WHERE id = %s", [former])


@pytest.mark.parametrize("kind", ["auditor", "finance_officer", "payment_releaser", "provider_staff"])
def test_the_learning_site_appoints_nobody_to_the_office(enter, kind):
    session = enter("credence_learning", "area_learning")
    user = session.execute("SELECT id FROM people_user WHERE username LIKE 'enrolled-%'").fetchone()[0]
    give = (
        "INSERT INTO people_role (user_id, kind, organization_id, starts_on) "
        "VALUES (%s, %s, (SELECT min(id) FROM people_organization), '2026-01-01')"
    )
    assert refuses(session, give, [user, kind])
    assert not refuses(session, give, [user, "teacher"])


@pytest.mark.parametrize("area", [None, "area_learning"])
def test_the_learning_site_takes_over_no_officers_account(enter, area):
    session = enter("credence_learning", area)
    assert refuses(session, "UPDATE people_user SET password = 'known' WHERE username = 'finance_officer'")
    assert not refuses(session, "UPDATE people_user SET last_login = now() WHERE username = 'finance_officer'")
    assert session.execute("UPDATE people_user SET password = 'known' WHERE username LIKE 'enrolled-%'").rowcount == 1
    session.rollback()


def test_nothing_outside_the_areas_is_open_to_everyone(enter):
    session = enter("credence_beat")
    for schema in ("learning", "funding", "accountability", "audit"):
        assert refuses(session, f"SELECT FROM {schema}.nothing"), schema
    assert refuses(session, "CREATE TEMPORARY TABLE t (id int)")
    assert refuses(session, "SELECT FROM public.django_session")
    assert refuses(session, "SELECT FROM public.django_migrations")
