"""THE FIREWALL ON ONE PAGE: which area owns which table, and who may do what with it.

Applied after every migrate (so every test database has the same rights), by the login that migrates and owns
everything. Views stand in views.sql, triggers in guards.sql, both of the learning record in learning_record.sql, what guards
attested facts in attested.sql, a policy's draft and release in policies.sql, funds in funds.sql.
docs/invariants.md numbers the promises.
"""

from pathlib import Path
from typing import Any

from django.apps import apps as installed_apps
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

SCHEMAS = ("learning", "funding", "accountability", "audit")
SCHEMA_OF_APP = {
    "people": "learning",
    "competencies": "learning",
    "enrollments": "learning",
    "pathways": "learning",
    "funding": "funding",
    "accountability": "accountability",
}
# django-allauth's tables, whose rows are people's: beside them.
SIGN_IN_TABLES = (
    "mfa_authenticator",
    "account_emailaddress",
    "account_emailconfirmation",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
)
SCHEMA_OF_TABLE = {"people_studentlook": "audit", **dict.fromkeys(SIGN_IN_TABLES, "learning")}

AREA_ROLES = ("area_learning", "area_funding", "area_accountability")
# A login a kind of process, and the areas that it may enter. NOINHERIT: a right is used only after SET LOCAL ROLE.
AREAS_OF_LOGIN = {
    "credence_learning": ("area_learning",),
    "credence_office": ("area_funding", "area_accountability"),
    "credence_funding": ("area_funding",),
    "credence_accountability": ("area_accountability",),
    "credence_beat": (),
}

READ, ADD = "SELECT", "SELECT, INSERT"
SIGN_IN = {
    "public.django_session": "SELECT, INSERT, UPDATE, DELETE",
    "learning.people_user": "SELECT, UPDATE (last_login, password)",
    "learning.people_role": READ,
    "learning.people_organization": READ,
    # Row security leaves each site those whom it signs in (guards.sql).
    "learning.mfa_authenticator": "SELECT, INSERT, UPDATE, DELETE",
    "learning.people_onetimesecret": "SELECT, UPDATE (used_at)",
}
FACT_VIEWS = (
    "batch_facts",
    "completion_facts",
    "enrollment_facts",
    "enrollment_change_facts",
    "assignment_facts",
    "module_facts",
    "offering_facts",
    "provider_facts",
    "residence_facts",
    "district_facts",
    "need_facts",
    "milestone_facts",
    "declared_milestone_facts",
    "prior_learning_facts",
    "unmatched_completion_facts",
    "measure_use_facts",
)

# The learning record. Most of it is added to, never edited (guards.sql); what has an end may have it set.
RECORD = {
    "learning.competencies_masteryscale": ADD,
    "learning.competencies_masteryscaleversion": ADD,
    "learning.competencies_frameworkarrival": ADD,
    "learning.competencies_competencywording": ADD,
    "learning.competencies_samplework": ADD,
    "learning.competencies_evidence": ADD,
    "learning.competencies_evidenceversion": ADD,
    "learning.competencies_evidencefile": ADD,
    "learning.competencies_evidencecompetency": ADD,
    "learning.competencies_masteryjudgment": ADD,
    "learning.competencies_judgmentevidence": ADD,
    "learning.competencies_judgmentwithdrawal": ADD,
    "learning.competencies_secondratingrequest": ADD,
    "learning.competencies_secondrating": ADD,
    "learning.competencies_anchorsample": ADD,
    "learning.competencies_anchorrating": ADD,
    "learning.pathways_coursecompetency": ADD,
    "learning.pathways_assignmentcompetency": ADD,
    "learning.pathways_resource": ADD,
    "learning.pathways_resourcecompetency": ADD,
    "learning.pathways_assessment": ADD,
    "learning.pathways_assessmentattestation": ADD,
    "learning.pathways_attestationwithdrawal": ADD,
    "learning.pathways_creditcriteria": ADD,
    "learning.pathways_creditaward": ADD,
    "learning.pathways_creditrevocation": ADD,
    "learning.pathways_requirement": ADD,
    "learning.pathways_seattimewaiver": ADD,
    "learning.pathways_learningplan": ADD,
    "learning.pathways_planitem": ADD,
    "learning.pathways_assessmentrequest": ADD,
    "learning.pathways_assessmentanswer": ADD,
    "learning.pathways_portfolioarrival": ADD,
    "learning.pathways_placement": ADD,
    "learning.pathways_placementdecision": ADD,
    "learning.pathways_sharedsummary": ADD,
    "learning.pathways_sharedsummaryend": ADD,
    "learning.pathways_sharedsummaryopening": ADD,
    # A package that arrives again states its items anew; what an item said before stands in its wordings.
    "learning.competencies_framework": "SELECT, INSERT, UPDATE",
    "learning.competencies_competency": "SELECT, INSERT, UPDATE",
    "learning.competencies_association": "SELECT, INSERT, UPDATE",
    "learning.competencies_rubric": "SELECT, INSERT, UPDATE",
    "learning.competencies_rubriccriterion": "SELECT, INSERT, UPDATE",
    "learning.competencies_rubriclevel": "SELECT, INSERT, UPDATE",
    "learning.competencies_individualcriterion": "SELECT, INSERT, UPDATE (ends_on)",
    "learning.pathways_plangoal": "SELECT, INSERT, UPDATE (ended_on)",
    # Fast memory of what the judgements say.
    "learning.competencies_currentlevel": "SELECT, INSERT, UPDATE, DELETE",
}

# {role: {schema.relation: privileges}}. What is not written here is not granted.
GRANTS: dict[str, dict[str, str]] = {
    "area_learning": {
        "learning.people_user": "SELECT, INSERT, UPDATE (last_login, password, full_name, is_active)",
        "learning.people_organization": ADD,
        "learning.people_providerstatus": READ,
        "learning.people_role": "SELECT, INSERT, UPDATE (ends_on)",
        "learning.people_guardianship": "SELECT, INSERT, UPDATE (ends_on)",
        "learning.people_onetimesecret": ADD,
        "learning.people_apitoken": "SELECT, INSERT, UPDATE (revoked_at)",
        "learning.enrollments_sourcesystem": ADD,
        "learning.enrollments_intakebatch": ADD,
        "learning.enrollments_schoolyear": ADD,
        "learning.enrollments_term": ADD,
        "learning.enrollments_course": ADD,
        "learning.enrollments_module": ADD,
        "learning.enrollments_offering": ADD,
        "learning.enrollments_assignment": ADD,
        "learning.enrollments_enrollment": "SELECT, INSERT, UPDATE (enrolled_on, withdrawn_on)",
        "learning.enrollments_enrollmentchange": ADD,
        "learning.enrollments_residence": ADD,
        "learning.enrollments_need": ADD,
        "learning.enrollments_completion": ADD,
        "learning.enrollments_unmatchedcompletion": ADD,
        "learning.enrollments_courseresult": ADD,
        "learning.enrollments_milestone": ADD,
        "learning.enrollments_attestedmilestone": ADD,
        "learning.enrollments_priorlearning": ADD,
        "learning.people_studentcase": "SELECT, INSERT, UPDATE (ends_on)",
        "learning.people_personaltoken": "SELECT, INSERT, UPDATE (revoked_at)",
        "learning.people_idempotentanswer": ADD,
        "learning.account_emailaddress": "SELECT, INSERT, DELETE",
        "learning.socialaccount_socialaccount": ADD,
        "learning.enrollments_schoolenrollment": "SELECT, INSERT, UPDATE (ends_on)",
        "learning.enrollments_section": "SELECT, INSERT, UPDATE (title, sign_in_code)",
        "learning.enrollments_sectionstudent": "SELECT, INSERT, UPDATE (ends_on)",
        "learning.enrollments_sectioneducator": "SELECT, INSERT, UPDATE (ends_on)",
        "learning.enrollments_classsecret": ADD,
        # Who is related to whom, in one place (learning_record.sql).
        "learning.student_relations": READ,
        **RECORD,
    },
    "area_funding": {
        **{f"learning.{view}": READ for view in FACT_VIEWS},
        # Row security leaves only the people who work in the office.
        "learning.people_user": "SELECT (id, username, full_name)",
        "learning.people_role": READ,
        # The update right is what a row lock asks for.
        "funding.funding_program": "SELECT, INSERT, UPDATE (on_timetable, name, high_stakes)",
        "funding.funding_policyrevision": ADD,
        "funding.funding_policyapproval": ADD,
        "funding.funding_policyversion": ADD,
        "funding.funding_account": ADD,
        "funding.funding_fiscalperiod": "SELECT, INSERT, UPDATE (closed_at, closed_by)",
        "funding.funding_run": "SELECT, INSERT, UPDATE (finished_at, digest, result)",
        "funding.funding_runshard": "SELECT, INSERT, "
        "UPDATE (done_at, claims_changed, transfers, posted_cents, not_in_force, not_priced)",
        "funding.funding_rundirty": "SELECT, INSERT, DELETE",
        "funding.funding_pricedcase": ADD,
        "funding.funding_claim": ADD,
        "funding.funding_earningstate": "SELECT, INSERT, UPDATE",
        "funding.funding_transfer": ADD,
        "funding.funding_paymentbatch": "SELECT, INSERT, UPDATE (released_at, released_by)",
        "funding.funding_paymentline": ADD,
        "funding.funding_discrepancy": ADD,
        # What stands in a fund follows its movements (funds.sql); the update right is what a row lock asks for.
        "funding.funding_fund": "SELECT, INSERT, UPDATE (name)",
        "funding.funding_fundmovement": ADD,
        "funding.funding_funditem": READ,
        "funding.funding_discrepancyresolution": "SELECT, INSERT, UPDATE (consumed_by_id)",
        "funding.funding_yearahead": ADD,
        "funding.funding_prediction": ADD,
        "funding.funding_trueup": ADD,
        "funding.funding_reconciliation": ADD,
    },
    "area_accountability": {
        "learning.outcome_facts": READ,
        "learning.measure_use_facts": READ,
        "learning.provider_facts": READ,
        "learning.people_role": READ,
        # A decision on a provider's standing cites accountability's figures and is taken on its side.
        "learning.people_providerstatus": ADD,
        "accountability.accountability_indicatorsnapshot": ADD,
    },
    "credence_learning": {
        **SIGN_IN,
        "learning.people_apitoken": READ,
        "learning.people_personaltoken": READ,
        # Whoever comes by the school's own sign-on is looked for before an area is entered.
        "learning.socialaccount_socialaccount": "SELECT, UPDATE",
    },
    "credence_office": SIGN_IN,
}
FUNCTIONS = {
    "area_funding": (
        "funding.effect_key(text)",
        "funding.seal(uuid, text, text, bigint, date, text)",
        "learning.pay_on_milestones(text, text[], text, date)",
    ),
    "area_accountability": ("learning.judge_by_measure(text, text, text, date)",),
    "credence_office": ("audit.look_up_student(bigint, bigint, text)",),
}
# Numbers that a set of rows draws before it is written, because other rows name them: to draw, never to set back.
SEQUENCES = {"area_funding": ("funding.funding_claim_id_seq",)}
# Set-based work keeps its intermediate results in temporary tables.
MAY_USE_TEMPORARY_TABLES = ("area_learning", "area_funding")

HERE = Path(__file__).parent


def apply_after_migrate(using: str, **_: Any) -> None:
    """Place, guard and grant; safe to run again, all of it or nothing."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        _create_roles(cursor)
        _place_tables(cursor)
        cursor.execute((HERE / "views.sql").read_text())
        cursor.execute((HERE / "guards.sql").read_text())
        cursor.execute((HERE / "policies.sql").read_text())
        cursor.execute((HERE / "learning_record.sql").read_text())
        cursor.execute((HERE / "attested.sql").read_text())
        cursor.execute((HERE / "funds.sql").read_text())
        _grant(cursor)


def _create_roles(cursor: CursorWrapper) -> None:
    # Roles belong to the cluster, so two databases may race here: the loser finds the role made.
    for role, attributes in [(r, "NOLOGIN") for r in AREA_ROLES] + [(n, "LOGIN NOINHERIT") for n in AREAS_OF_LOGIN]:
        cursor.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
            f"CREATE ROLE {role} {attributes}; END IF; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    cursor.execute(
        "SELECT current_user, rolsuper, current_setting('server_version_num')::int FROM pg_roles WHERE rolname = current_user"
    )
    owner, is_superuser, version = cursor.fetchone()
    # An owner that is no superuser may enter a role that it made only by an explicit grant.
    entitled = AREAS_OF_LOGIN if is_superuser else {**AREAS_OF_LOGIN, owner: AREA_ROLES}
    _revoke_other_memberships(cursor, {(area, login) for login, areas in entitled.items() for area in areas})
    for login, areas in entitled.items():
        _hold_noinherit(cursor, login)
        for area in areas:
            _grant_membership(cursor, area, login, version)


def _revoke_other_memberships(cursor: CursorWrapper, wanted: set[tuple[str, str]]) -> None:
    cursor.execute(
        "SELECT a.rolname, l.rolname FROM pg_auth_members m "
        "JOIN pg_roles a ON a.oid = m.roleid JOIN pg_roles l ON l.oid = m.member "
        "WHERE l.rolname = ANY (%s) AND NOT m.admin_option",
        [[*AREA_ROLES, *AREAS_OF_LOGIN]],
    )
    for held, login in cursor.fetchall():
        if (held, login) not in wanted:
            cursor.execute(f'REVOKE "{held}" FROM "{login}"')


def _hold_noinherit(cursor: CursorWrapper, login: str) -> None:
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s AND rolinherit AND rolname <> current_user", [login])
    if cursor.rowcount:
        cursor.execute(f'ALTER ROLE "{login}" NOINHERIT')


def _grant_membership(cursor: CursorWrapper, area: str, login: str, version: int) -> None:
    """From 16 on it is the grant that says whether rights are inherited; before, it is the login's attribute."""
    by_grant = version >= 160000
    cursor.execute(
        "SELECT FROM pg_auth_members m JOIN pg_roles a ON a.oid = m.roleid JOIN pg_roles l ON l.oid = m.member "
        "WHERE a.rolname = %s AND l.rolname = %s AND NOT m.admin_option"
        + (" AND m.set_option AND NOT m.inherit_option" if by_grant else ""),
        [area, login],
    )
    if cursor.rowcount == 0:
        options = "WITH INHERIT FALSE, SET TRUE" if by_grant else ""
        cursor.execute(f'DO $$ BEGIN GRANT {area} TO "{login}" {options}; EXCEPTION WHEN unique_violation THEN NULL; END $$')


def _place_tables(cursor: CursorWrapper) -> None:
    for schema in SCHEMAS:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    in_public = {name for (name,) in cursor.fetchall()}
    for model in installed_apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        area_schema = SCHEMA_OF_TABLE.get(table) or SCHEMA_OF_APP.get(model._meta.app_label)
        if area_schema and table in in_public:
            cursor.execute(f"ALTER TABLE public.{table} SET SCHEMA {area_schema}")


def _grant(cursor: CursorWrapper) -> None:
    roles = ", ".join((*AREA_ROLES, *AREAS_OF_LOGIN))
    cursor.execute("SELECT current_database()")
    database = cursor.fetchone()[0]
    cursor.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC, {roles}')
    cursor.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {", ".join(AREAS_OF_LOGIN)}')
    cursor.execute(f'GRANT TEMPORARY ON DATABASE "{database}" TO {", ".join(MAY_USE_TEMPORARY_TABLES)}')
    for schema in ("public", *SCHEMAS):
        cursor.execute(f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {roles}")
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            cursor.execute(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM PUBLIC, {roles}")
    for role, relations in GRANTS.items():
        for schema in sorted({relation.split(".")[0] for relation in relations} | {"public"}):
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        for relation, privileges in relations.items():
            cursor.execute(f"GRANT {privileges} ON {relation} TO {role}")
    for role, sequences in SEQUENCES.items():
        for sequence in sequences:
            cursor.execute(f"GRANT USAGE ON SEQUENCE {sequence} TO {role}")
    for role, functions in FUNCTIONS.items():
        for function in functions:
            cursor.execute(f"GRANT USAGE ON SCHEMA {function.split('.')[0]} TO {role}")
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")
