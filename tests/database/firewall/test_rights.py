"""The matrix of rights as the runtime logins meet it: real connections of their own, on facts and books really committed.

What may be read and written stands here a second time, apart from the matrix of grants, so that a slip there is seen.
"""

import pytest
from psycopg import sql

from tests.database.firewall.sessions import AREAS, CONTEXTS, NO_WAY, columns, refuses, relations

FUNDING_TABLES = {
    "program", "policyrevision", "policyapproval", "policyversion", "account", "fiscalperiod", "run", "runshard", "rundirty",
    "pricedcase", "claim", "earningstate", "transfer", "paymentbatch", "paymentline", "discrepancy", "discrepancyresolution",
    "yearahead", "prediction", "trueup", "reconciliation", "fund", "fundmovement", "funditem",
}  # fmt: skip
FACTS_FOR_FUNDING = {
    "batch", "completion", "enrollment", "enrollment_change", "assignment", "module", "offering", "provider", "residence", "need",
    "milestone", "prior_learning", "unmatched_completion", "district", "measure_use",
    "declared_milestone",
}  # fmt: skip
LEARNING_TABLES = {
    "people_user", "people_organization", "people_providerstatus", "people_role", "people_guardianship", "people_apitoken",
    "enrollments_sourcesystem", "enrollments_intakebatch", "enrollments_schoolyear", "enrollments_term", "enrollments_course",
    "enrollments_module", "enrollments_offering", "enrollments_assignment", "enrollments_enrollment",
    "enrollments_enrollmentchange", "enrollments_residence", "enrollments_need", "enrollments_completion",
    "enrollments_unmatchedcompletion", "enrollments_courseresult", "enrollments_attestedmilestone",
    "enrollments_milestone", "enrollments_priorlearning",
    "competencies_masteryscale", "competencies_masteryscaleversion", "competencies_frameworkarrival",
    "competencies_competencywording", "competencies_samplework", "competencies_evidence", "competencies_evidenceversion",
    "competencies_evidencefile", "competencies_evidencecompetency", "competencies_masteryjudgment",
    "competencies_judgmentevidence", "competencies_judgmentwithdrawal", "competencies_secondratingrequest",
    "competencies_secondrating", "competencies_anchorsample", "competencies_anchorrating", "competencies_framework",
    "competencies_competency", "competencies_association", "competencies_rubric", "competencies_rubriccriterion",
    "competencies_rubriclevel", "competencies_individualcriterion", "competencies_currentlevel", "pathways_coursecompetency",
    "pathways_assignmentcompetency", "pathways_resource", "pathways_resourcecompetency", "pathways_assessment",
    "pathways_assessmentattestation", "pathways_attestationwithdrawal", "pathways_creditcriteria", "pathways_creditaward",
    "pathways_creditrevocation", "pathways_requirement", "pathways_seattimewaiver", "pathways_learningplan", "pathways_planitem",
    "pathways_assessmentrequest", "pathways_assessmentanswer", "pathways_portfolioarrival", "pathways_placement",
    "pathways_placementdecision", "pathways_plangoal", "people_studentcase", "people_personaltoken", "people_idempotentanswer",
    "pathways_sharedsummary", "pathways_sharedsummaryend", "pathways_sharedsummaryopening",
    "enrollments_schoolenrollment", "enrollments_section", "enrollments_sectionstudent", "enrollments_sectioneducator",
    "enrollments_classsecret", "people_onetimesecret", "account_emailaddress", "socialaccount_socialaccount",
}  # fmt: skip
SIGN_IN = {
    "public.django_session", "learning.people_user", "learning.people_role", "learning.people_organization",
    "learning.mfa_authenticator", "learning.people_onetimesecret",
}  # fmt: skip
FUNDING = {f"funding.funding_{table}" for table in FUNDING_TABLES}
LEARNING = {f"learning.{table}" for table in LEARNING_TABLES}
STANDING = "learning.people_providerstatus"
SNAPSHOT = "accountability.accountability_indicatorsnapshot"

# {(login, area entered): the relations whose every column it reads}
READS = {
    ("credence_learning", None): SIGN_IN
    | {"learning.people_apitoken", "learning.people_personaltoken", "learning.socialaccount_socialaccount"},
    ("credence_learning", "area_learning"): LEARNING | {"learning.student_relations"},
    ("credence_office", None): SIGN_IN,
    ("credence_funding", None): set(),
    ("credence_accountability", None): set(),
    ("credence_beat", None): set(),
}
FUNDING_READS = FUNDING | {f"learning.{fact}_facts" for fact in FACTS_FOR_FUNDING} | {"learning.people_role"}
QUALITY_READS = {
    "learning.outcome_facts", "learning.provider_facts", "learning.people_role", "learning.measure_use_facts", STANDING, SNAPSHOT,
}  # fmt: skip
for _login in ("credence_office", "credence_funding"):
    READS[_login, "area_funding"] = FUNDING_READS
for _login in ("credence_office", "credence_accountability"):
    READS[_login, "area_accountability"] = QUALITY_READS

# {area, or login outside any: the tables that it adds to}
ADDS = {
    "area_learning": LEARNING - {STANDING},
    # An item is written by the trigger of the movements alone.
    "area_funding": FUNDING - {"funding.funding_funditem"},
    "area_accountability": {SNAPSHOT, STANDING},
    "credence_learning": {"public.django_session", "learning.mfa_authenticator"},
    # A second factor of somebody of the office only, which an empty row is not (test_second_factors.py).
    "credence_office": {"public.django_session"},
}
# The tables of the learning record that are restated as a whole, and their columns.
FIELDS = {
    "framework": {
        "id", "uuid", "title", "creator", "version", "adoption_status", "licence", "package_sha256", "document", "definitions",
        "scale_id",
    },
    "competency": {
        "id", "framework_id", "uuid", "code", "statement", "label", "item_type", "kind", "lowest_grade", "highest_grade", "position",
        "depth", "source", "content_sha256", "retired_on",
    },
    "association": {
        "id", "framework_id", "uuid", "kind", "origin", "destination", "sequence", "local", "source", "content_sha256", "retired_on",
    },
    "rubric": {
        "id", "uuid", "framework_id", "title", "description", "source", "retired_on",
    },
    "rubriccriterion": {
        "id", "uuid", "rubric_id", "competency_id", "description", "position", "retired_on",
    },
    "rubriclevel": {
        "id", "uuid", "criterion_id", "rank", "quality", "description", "retired_on",
    },
    "currentlevel": {
        "student_id", "competency_id", "version_id", "rank", "judgments", "overridden", "last_worked_on",
    },
}  # fmt: skip
# {area or login: {table: the columns that it changes}}
SESSION = {
    "public.django_session": {"session_key", "session_data", "expire_date"},
    "learning.people_onetimesecret": {"used_at"},
    "learning.mfa_authenticator": {"id", "type", "data", "user_id", "created_at", "last_used_at"},
}
CHANGES = {
    "area_learning": {
        "learning.people_user": {"last_login", "password", "full_name", "is_active"},
        "learning.people_apitoken": {"revoked_at"},
        "learning.enrollments_enrollment": {"enrolled_on", "withdrawn_on"},
        "learning.people_studentcase": {"ends_on"},
        "learning.people_role": {"ends_on"},
        "learning.people_guardianship": {"ends_on"},
        "learning.people_personaltoken": {"revoked_at"},
        "learning.enrollments_schoolenrollment": {"ends_on"},
        "learning.enrollments_section": {"title", "sign_in_code"},
        "learning.enrollments_sectionstudent": {"ends_on"},
        "learning.enrollments_sectioneducator": {"ends_on"},
        "learning.competencies_individualcriterion": {"ends_on"},
        "learning.pathways_plangoal": {"ended_on"},
        **{f"learning.competencies_{table}": FIELDS[table] for table in FIELDS},
    },
    "area_funding": {
        "funding.funding_program": {"on_timetable", "name", "high_stakes"},
        "funding.funding_fiscalperiod": {"closed_at", "closed_by"},
        "funding.funding_run": {"finished_at", "digest", "result"},
        "funding.funding_runshard": {"done_at", "claims_changed", "transfers", "posted_cents", "not_in_force", "not_priced"},
        "funding.funding_earningstate": {
            "program_id", "enrollment_id", "module_id", "provider_id", "offering_id", "case_id", "claims",
            "earned_cents", "posted_cents", "year_ahead_id",
        },
        "funding.funding_paymentbatch": {"released_at", "released_by"},
        "funding.funding_discrepancyresolution": {"consumed_by_id"},
        "funding.funding_fund": {"name"},
    },
    "credence_learning": {
        **SESSION,
        "learning.people_user": {"last_login", "password"},
        # Who it is that a subject names is changed by nobody: the trigger bound_once.
        "learning.socialaccount_socialaccount": {"id", "user_id", "provider", "uid", "last_login", "date_joined", "extra_data"},
    },
    "credence_office": {**SESSION, "learning.people_user": {"last_login", "password"}},
}  # fmt: skip
REMOVES = {
    "area_learning": {"learning.competencies_currentlevel", "learning.account_emailaddress"},
    "area_funding": {"funding.funding_rundirty"},
    "credence_learning": {"public.django_session", "learning.mfa_authenticator"},
    "credence_office": {"public.django_session", "learning.mfa_authenticator"},
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
