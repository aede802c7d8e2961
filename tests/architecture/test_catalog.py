"""The database's catalog: what reads across areas, whose rights it uses, and which columns leave learning."""

import re

import pytest
from django.db import connection

from database.firewall import AREA_ROLES, AREAS_OF_LOGIN, apply_after_migrate

pytestmark = pytest.mark.django_db

AREAS = ("learning", "funding", "accountability", "audit")
# Functions outside learning that read a learning table: each is a bridge, and each says why in guards.sql or attested.sql.
BRIDGES = {"audit.look_up_student", "audit.refuse_from_learning_site", "funding.check_paid_measures"}
# What crosses from learning into funding and accountability, column by column.
COLUMNS = {
    "batch_facts": "id recorded_at",
    "completion_facts": "enrollment_id assignment_id sequence completed_on carried_over batch_id",
    "enrollment_facts": "id code offering_id enrolled_on withdrawn_on batch_id provider_id catalogue course_id learning_starts_on",
    "enrollment_change_facts": "id enrollment_id batch_id enrolled_on_before withdrawn_on_before learning_starts_on_before",
    "assignment_facts": "id code title offering_id module_id batch_id",
    "module_facts": "id course_id code title credit_numerator credit_denominator",
    "offering_facts": "id code course_id provider_id starts_on catalogue course_title course_code",
    "provider_facts": "id uuid code name status",
    "residence_facts": "enrollment_id district_id from_on batch_id",
    "district_facts": "id code name",
    "need_facts": "enrollment_id category from_on to_on sequence batch_id",
    "milestone_facts": "enrollment_id milestone attained_on sequence batch_id",
    "declared_milestone_facts": "code measure",
    "prior_learning_facts": "id enrollment_id measure amount batch_id",
    "unmatched_completion_facts": (
        "id kind provider_id catalogue source_system source_id enrollment_code assignment_code completed_on batch_id corrected"
    ),
    "outcome_facts": "enrollment_id provider_id catalogue starts_on enrolled_on withdrawn_on outcome",
    "measure_use_facts": "catalogue measure sequence use claimant since because",
    # Stays in learning: who is related to whom.
    "student_relations": "actor_id student_id kind section_id starts_on ends_on",
}


def run(statement, values=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def reading_across():
    """(view, schema it lies in, schema it reads) for every view or materialized view that reads beyond its own schema."""
    return run(
        """
        SELECT DISTINCT c.relname, n.nspname, m.nspname FROM pg_depend d
        JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class r ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid
        JOIN pg_namespace m ON m.oid = r.relnamespace
        WHERE n.nspname IN ('public', 'learning', 'funding', 'accountability', 'audit') AND n.nspname <> m.nspname
        """
    )


def functions():
    """{schema.name: (schemas named in its body or held by pg_depend, definer's rights?, settings, open to everyone?)}"""
    found = run(
        """
        SELECT n.nspname || '.' || p.proname, coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), ''),
               p.prosecdef, coalesce(p.proconfig, '{}'), has_function_privilege('public', p.oid, 'EXECUTE'),
               ARRAY(SELECT DISTINCT m.nspname::text FROM pg_depend d JOIN pg_class r ON d.refobjid = r.oid
                     JOIN pg_namespace m ON m.oid = r.relnamespace
                     WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('public', 'learning', 'funding', 'accountability', 'audit')
        """
    )
    return {
        name: ({area for area in AREAS if re.search(rf"\b{area}\.", body)} | set(held), definer, settings, everyone)
        for name, body, definer, settings, everyone, held in found
    }


def test_no_view_reads_across_areas():
    assert reading_across() == []


def test_a_view_that_reads_across_areas_would_be_seen():
    run("CREATE MATERIALIZED VIEW accountability.planted AS SELECT count(*) FROM funding.funding_transfer")
    assert reading_across() == [("planted", "accountability", "funding")]


def across(every_function):
    return {name for name, (areas, *_) in every_function.items() if areas - {name.split(".")[0]}}


def test_no_function_reads_across_areas_but_the_bridges():
    assert across(functions()) == BRIDGES


@pytest.mark.parametrize(
    "planted",
    [
        "CREATE FUNCTION learning.planted() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM funding.funding_transfer)",
        "CREATE FUNCTION learning.planted() RETURNS bigint LANGUAGE plpgsql AS "
        "'BEGIN RETURN (SELECT count(*) FROM funding.funding_transfer); END'",
    ],
)
def test_a_function_that_reads_across_areas_would_be_seen(planted):
    run(planted)
    assert across(functions()) == {*BRIDGES, "learning.planted"}


def test_a_function_with_its_owners_rights_has_a_fixed_search_path():
    definers = {name: settings for name, (_, definer, settings, _) in functions().items() if definer}
    assert definers
    assert {name for name, settings in definers.items() if settings != ["search_path=pg_catalog, pg_temp"]} == set()


def test_no_function_is_open_to_everyone():
    assert {name for name, (*_, everyone) in functions().items() if everyone} == set()


def test_the_facts_that_leave_learning_are_these_columns_and_no_others():
    found = run(
        "SELECT c.relname, string_agg(a.attname, ' ' ORDER BY a.attnum) FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = 'learning'::regnamespace AND c.relkind IN ('v', 'm') GROUP BY c.relname"
    )
    assert dict(found) == COLUMNS


def test_a_view_has_its_owners_rights_and_hides_what_it_leaves_out_from_any_function():
    found = run(
        "SELECT c.relname, coalesce(c.reloptions, '{}'), pg_get_userbyid(c.relowner) = current_user FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('learning', 'funding', 'accountability', 'audit') AND c.relkind IN ('v', 'm')"
    )
    assert {name for name, *_ in found} == set(COLUMNS)
    assert {name for name, options, of_owner in found if options != ["security_barrier=true"] or not of_owner} == set()


def test_a_login_inherits_nothing_and_is_in_its_own_areas_only():
    logins = [*AREAS_OF_LOGIN, *AREA_ROLES]
    inheriting = run("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) AND rolinherit AND rolcanlogin", [logins])
    assert inheriting == []
    powerful = run(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) "
        "AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)", [logins]
    )  # fmt: skip
    assert powerful == []
    member = run("SELECT pg_get_userbyid(member), pg_get_userbyid(roleid) FROM pg_auth_members "
                 "WHERE pg_get_userbyid(member) = ANY (%s)", [logins])  # fmt: skip
    assert set(member) == {(login, area) for login, areas in AREAS_OF_LOGIN.items() for area in areas}


def test_rights_that_crept_in_are_taken_back_by_the_next_migrate():
    run("GRANT SELECT ON learning.enrollments_courseresult TO area_funding")
    run("GRANT UPDATE (amount_cents) ON funding.funding_transfer TO area_funding")
    run("GRANT SELECT ON funding.funding_transfer TO PUBLIC")
    run("GRANT EXECUTE ON FUNCTION audit.look_up_student TO PUBLIC")
    run("GRANT CREATE ON SCHEMA public TO credence_funding")
    run("GRANT area_accountability TO credence_funding")
    apply_after_migrate("default")
    assert run(
        "SELECT has_table_privilege('area_funding', 'learning.enrollments_courseresult', 'SELECT'), "
        "has_column_privilege('area_funding', 'funding.funding_transfer', 'amount_cents', 'UPDATE'), "
        "has_table_privilege('credence_beat', 'funding.funding_transfer', 'SELECT'), "
        "has_function_privilege('credence_beat', 'audit.look_up_student(bigint, bigint, text)', 'EXECUTE'), "
        "has_schema_privilege('credence_funding', 'public', 'CREATE'), "
        "pg_has_role('credence_funding', 'area_accountability', 'MEMBER')"
    ) == [(False,) * 6]


def test_applying_the_firewall_again_changes_nothing():
    def rights():
        return run(
            "SELECT n.nspname, c.relname, c.relacl::text, (SELECT string_agg(a.attname || a.attacl::text, ',' ORDER BY attnum) "
            "FROM pg_attribute a WHERE a.attrelid = c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname IN ('public', 'learning', 'funding', 'accountability', 'audit') ORDER BY 1, 2"
        )

    before = rights()
    apply_after_migrate("default")
    assert rights() == before
