"""What the database itself refuses, the owner included: each guard met by the statement that it stops."""

import pytest
from django.db import IntegrityError, ProgrammingError

from enrollments.models import Assignment, CourseResult
from funding.actions.release_batch import ReleaseRefused, release_batch
from funding.models import Discrepancy, DiscrepancyResolution, PaymentBatch, Run
from tests import build
from tests.database.statements import refused, run

APPEND_ONLY = {
    "learning.people_providerstatus", "learning.enrollments_intakebatch", "learning.enrollments_completion",
    "learning.enrollments_enrollmentchange", "learning.enrollments_residence", "learning.enrollments_need",
    "learning.enrollments_unmatchedcompletion", "learning.enrollments_courseresult", "learning.enrollments_attestedmilestone",
    "learning.enrollments_milestone", "learning.enrollments_priorlearning", "learning.enrollments_measureuse",
    "funding.funding_policyrevision", "funding.funding_policyapproval", "funding.funding_policyversion",
    "funding.funding_account", "funding.funding_pricedcase", "funding.funding_claim",
    "funding.funding_transfer", "funding.funding_paymentline", "funding.funding_discrepancy", "audit.people_studentlook",
    "funding.funding_fundmovement",
    "accountability.accountability_indicatorsnapshot",
    "learning.competencies_masteryscaleversion", "learning.competencies_frameworkarrival",
    "learning.competencies_competencywording", "learning.competencies_evidenceversion", "learning.competencies_evidencefile",
    "learning.competencies_masteryjudgment", "learning.competencies_judgmentevidence", "learning.competencies_judgmentwithdrawal",
    "learning.competencies_secondratingrequest", "learning.competencies_secondrating", "learning.competencies_anchorsample",
    "learning.competencies_anchorrating", "learning.pathways_assessmentattestation", "learning.pathways_attestationwithdrawal",
    "learning.pathways_creditcriteria", "learning.pathways_creditaward", "learning.pathways_creditrevocation",
    "learning.pathways_requirement", "learning.pathways_seattimewaiver", "learning.pathways_planitem",
    "learning.pathways_assessmentrequest", "learning.pathways_assessmentanswer", "learning.pathways_portfolioarrival",
    "learning.pathways_placement", "learning.pathways_placementdecision", "learning.people_idempotentanswer",
    "learning.pathways_sharedsummary", "learning.pathways_sharedsummaryend", "learning.pathways_sharedsummaryopening",
    "funding.funding_yearahead", "funding.funding_prediction", "funding.funding_trueup", "funding.funding_reconciliation",
}  # fmt: skip
KEPT = {
    "learning.people_organization", "learning.enrollments_sourcesystem", "learning.enrollments_course",
    "learning.enrollments_module", "learning.enrollments_offering", "learning.enrollments_assignment",
    "learning.enrollments_enrollment", "funding.funding_program", "funding.funding_fiscalperiod", "funding.funding_run",
    "funding.funding_runshard", "funding.funding_earningstate", "funding.funding_paymentbatch",
    "funding.funding_discrepancyresolution", "funding.funding_fund", "funding.funding_funditem",
    "learning.competencies_competency", "learning.competencies_evidence", "learning.enrollments_section",
}  # fmt: skip
# Nothing else points at these without a foreign key, and nothing in them was decided for good.
FREE = {
    "learning.people_user", "learning.people_role", "learning.people_guardianship", "learning.people_apitoken",
    "learning.enrollments_schoolyear", "learning.enrollments_term", "funding.funding_rundirty",
    "learning.competencies_masteryscale", "learning.competencies_samplework", "learning.competencies_evidencecompetency",
    "learning.competencies_framework", "learning.competencies_association", "learning.competencies_rubric",
    "learning.competencies_rubriccriterion", "learning.competencies_rubriclevel", "learning.competencies_individualcriterion",
    "learning.competencies_currentlevel", "learning.pathways_coursecompetency", "learning.pathways_assignmentcompetency",
    "learning.pathways_resource", "learning.pathways_resourcecompetency", "learning.pathways_assessment",
    "learning.pathways_learningplan", "learning.pathways_plangoal", "learning.people_studentcase",
    "learning.people_personaltoken", "learning.enrollments_schoolenrollment", "learning.enrollments_sectionstudent",
    "learning.enrollments_sectioneducator", "learning.enrollments_classsecret", "learning.mfa_authenticator",
    "learning.people_onetimesecret",
    "learning.account_emailaddress", "learning.account_emailconfirmation", "learning.socialaccount_socialaccount",
    "learning.socialaccount_socialapp", "learning.socialaccount_socialtoken",
}  # fmt: skip


@pytest.mark.django_db
class TestWhatIsWritten:
    @pytest.mark.parametrize("table", sorted(APPEND_ONLY))
    def test_stays_as_it_was_written(self, table):
        column = run("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", [table])[0][0]
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            refused(statement, match="is added to, never edited", error=ProgrammingError)

    @pytest.mark.parametrize("table", sorted(KEPT))
    def test_stays_where_facts_point_at_it(self, table):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            refused(statement, match="is added to, never edited", error=ProgrammingError)

    def test_is_not_emptied_through_a_table_that_it_points_at(self):
        refused("TRUNCATE learning.people_user CASCADE", match="is added to, never edited")

    def test_every_table_of_an_area_is_append_only_kept_or_free_on_purpose(self):
        tables = run(
            "SELECT schemaname || '.' || tablename FROM pg_tables "
            "WHERE schemaname IN ('learning', 'funding', 'accountability', 'audit')"
        )
        assert {name for (name,) in tables} == APPEND_ONLY | KEPT | FREE


FROZEN = {
    "learning.enrollments_assignment": ("stakes = 'high'", "required = false", "offering_id = 0", "module_id = 0"),
    "learning.enrollments_enrollment": ("code = 'x'", "student_id = 0", "offering_id = 0"),
    "funding.funding_program": ("code = 'x'", "catalogue = 'x'", "currency = 'EUR'", "fiscal_year_starts_month = 1"),
    "funding.funding_fiscalperiod": ("starts_on = '2020-01-01'", "ends_on = '2030-01-01'", "program_id = 0"),
    "funding.funding_run": (
        "business_date = '2030-01-01'",
        "through_batch = 0",
        "digest = ''",
        "result = '{}'",
        "finished_at = NULL",
    ),
    "funding.funding_runshard": ("done_at = NULL", "posted_cents = 0"),
    "funding.funding_paymentbatch": ("run_id = 0",),
}


@pytest.mark.parametrize(("table", "change"), [(table, change) for table, changes in FROZEN.items() for change in changes])
def test_what_was_decided_stays_decided(books, table, change):
    assert run(f"SELECT count(*) FROM {table}")[0][0] > 0
    refused(f"UPDATE {table} SET {change}", match="is added to, never edited", error=ProgrammingError)


@pytest.mark.parametrize("change", ["outcome = 'accepted'", "reason = 'other'", "resolved_by = 2"])
def test_a_resolution_stays_as_it_was_given(books, change):
    DiscrepancyResolution.objects.create(discrepancy=Discrepancy.objects.get(), outcome="dismissed", reason="seen", resolved_by=1)
    refused(f"UPDATE funding_discrepancyresolution SET {change}", match="is added to, never edited")


def test_a_resolution_is_taken_into_account_once(books):
    night = Run.objects.get()
    DiscrepancyResolution.objects.create(
        discrepancy=Discrepancy.objects.get(), outcome="dismissed", reason="seen", resolved_by=1, consumed_by=night
    )
    refused("UPDATE funding_discrepancyresolution SET consumed_by_id = NULL", match="is added to, never edited")


def test_a_discrepancy_is_resolved_once_by_a_person_with_a_reason(books):
    doubt = Discrepancy.objects.get().pk
    give = "INSERT INTO funding_discrepancyresolution (discrepancy_id, outcome, reason, resolved_by) VALUES (%s, %s, %s, %s)"
    refused(give, [doubt, "accepted", "", 1], match="resolution_gives_a_reason")
    refused(give, [doubt, "accepted", "seen", None], match="a_person_accepts_or_dismisses")
    run(give, [doubt, "accepted", "seen", 1])
    refused(give, [doubt, "dismissed", "seen again", 2], error=IntegrityError)


COMPLETE = """
    INSERT INTO enrollments_completion (enrollment_id, assignment_id, sequence, source_system_id, source_id, source_revision,
                                        completed_on, carried_over, batch_id)
    VALUES (%(enrollment)s, %(assignment)s, %(sequence)s, %(source)s, %(source_id)s, %(sequence)s, %(on)s, %(carried_over)s,
            %(batch)s)
"""


@pytest.fixture
def work(db):
    """The values of COMPLETE for a good completion of an enrollment, nothing on file yet."""
    course = build.offering()
    return {
        "enrollment": build.enrollment(course).pk, "assignment": build.assignments(course)[0].pk, "sequence": 0,
        "source": build.source().pk, "source_id": "1", "on": build.day(3), "carried_over": False, "batch": build.batch().pk,
    }  # fmt: skip


def test_a_completion_of_high_stakes_work_is_refused(work):
    low = Assignment.objects.get(pk=work["assignment"])
    examination = Assignment.objects.create(
        offering=low.offering, module=low.module, code="X", title="Examination", stakes="high", batch=low.batch
    )
    refused(COMPLETE, work | {"assignment": examination.pk}, match="must name a low-stakes assignment of its enrollment's offering")


def test_a_completion_of_another_offerings_work_is_refused(work):
    other = build.assignments(build.offering(code="B 1"))[0]
    refused(COMPLETE, work | {"assignment": other.pk}, match="of its enrollment's offering")


@pytest.mark.parametrize("unknown", ["enrollment", "assignment"])
def test_a_completion_of_nothing_on_file_is_refused(work, unknown):
    refused(COMPLETE, work | {unknown: 10**9}, match="of its enrollment's offering")


def test_a_void_needs_the_statement_that_it_voids_with_the_same_dates(work):
    void = work | {"sequence": 1}
    refused(COMPLETE, void, match="completion 1 has no matching row before it")
    run(COMPLETE, work)
    refused(COMPLETE, void | {"on": build.day(4)}, match="completion 1 has no matching row before it")
    refused(COMPLETE, void | {"carried_over": True}, match="completion 1 has no matching row before it")
    refused(COMPLETE, work | {"sequence": 2}, match="completion 2 has no matching row before it")
    run(COMPLETE, void)
    run(COMPLETE, work | {"sequence": 2, "on": build.day(5)})
    refused(COMPLETE, work | {"sequence": -1}, match="completion_sequence_counts_from_0")


def test_work_is_completed_once_and_told_once_by_its_source(work):
    run(COMPLETE, work)
    refused(COMPLETE, work | {"source_id": "2"}, error=IntegrityError)
    again = build.assignments(Assignment.objects.get(pk=work["assignment"]).offering)[1].pk
    refused(COMPLETE, work | {"assignment": again}, match="completion_source_id_is_unique", error=IntegrityError)


def test_a_batch_is_released_once_by_someone(books):
    batch = PaymentBatch.objects.get()
    refused("UPDATE funding_paymentbatch SET released_at = now()", match="batch_is_released_by_someone")
    release_batch(batch_id=batch.pk, released_by=1, on=build.day(31))
    paid = run("SELECT count(*), sum(amount_cents) FROM funding_transfer WHERE kind = 'release'")
    with pytest.raises(ReleaseRefused, match="was released already"):
        release_batch(batch_id=batch.pk, released_by=2, on=build.day(31))
    refused("UPDATE funding_paymentbatch SET released_by = 2", match="is added to, never edited")
    refused("UPDATE funding_paymentbatch SET released_at = NULL, released_by = NULL", match="is added to, never edited")
    assert run("SELECT count(*), sum(amount_cents) FROM funding_transfer WHERE kind = 'release'") == paid


def test_a_program_has_one_run_a_date_one_first_run_and_one_line_of_runs(books):
    again = """
        INSERT INTO funding_run (program_id, business_date, previous_id, through_batch, through_policy_version, result, digest)
        SELECT program_id, %s::date, %s, through_batch, through_policy_version, '{}', '' FROM funding_run ORDER BY id LIMIT 1"""
    first = Run.objects.get().pk
    refused(again, ["2026-01-31", first], match="one_run_a_business_date", error=IntegrityError)
    refused(again, ["2026-02-01", None], match="one_first_run_a_program", error=IntegrityError)
    run(again, ["2026-02-01", first])
    refused(again, ["2026-02-02", first], match="duplicate key", error=IntegrityError)


def test_a_payment_line_adds_up_and_pays_or_carries(books):
    line = """
        INSERT INTO funding_paymentline (batch_id, provider_id, posted_cents, carried_in_cents, amount_cents, unpaid_cents,
                                         carried_out_cents)
        SELECT batch_id, 0, %s, %s, %s, %s, %s FROM funding_paymentline"""
    refused(line, [100, 0, 101, 0, 0], match="line_adds_up")
    refused(line, [100, 0, 100, 1, 0], match="line_adds_up")
    refused(line, [100, 0, -1, 0, 101], match="line_adds_up")
    refused(line, [100, 0, 101, -1, 0], match="line_adds_up")
    refused(line, [100, 0, 200, 0, -100], match="line_pays_or_carries_forward")
    refused(line, [100, 0, 0, 200, -100], match="line_pays_or_carries_forward")
    run(line, [100, -30, 60, 10, 0])


def test_a_course_result_is_added_to_and_the_latest_counts(books):
    for outcome in ("fail", "pass"):
        CourseResult.objects.create(enrollment=books, outcome=outcome, batch=build.batch())
    assert run("SELECT outcome FROM learning.outcome_facts") == [("pass",)]
