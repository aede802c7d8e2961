"""Verify: clean books give 0 and nothing to say; whatever is planted, by a superuser at that, gives 1 and the row's name."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.db import connection

from database.areas import acting_as
from enrollments.models import Completion, Enrollment
from funding.actions.open_run import open_run
from funding.actions.release_batch import release_batch
from funding.actions.run_night import run_night
from funding.actions.work_shard import work_shard
from funding.models import Discrepancy, DiscrepancyResolution, PolicyVersion, Run, Transfer
from funding.queries.trial_balance import trial_balance
from tests import build

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = datetime.date(2026, 1, 31), datetime.date(2026, 2, 28), datetime.date(2026, 3, 31)


@pytest.fixture
def books():
    """Three months of two providers: work done, voided and stated again, held, accepted, dismissed; one batch paid."""
    build.program()
    one, two = build.offering("P1", modules=2), build.offering("P2", code="B 1")
    students = [build.enrollment(course) for course in (one, one, two, two)]
    withdrawn = build.enrollment(one, withdrawn_on=build.day(5))
    for student in students:
        for work in build.assignments(student.offering)[:3]:
            build.complete(student, work, build.day(10))
    for work in build.assignments(one)[:3]:
        build.complete(withdrawn, work, build.day(9))
    build.complete(students[0], build.assignments(one)[3], build.day(8), carried_over=True)
    run_night(program_code="trial", business_date=JANUARY)
    first, second = Discrepancy.objects.order_by("id")[:2]
    for doubt, outcome in ((first, "accepted"), (second, "dismissed")):
        DiscrepancyResolution.objects.create(discrepancy=doubt, outcome=outcome, reason="looked into", resolved_by=1)
    for work in build.assignments(two)[:3]:
        build.complete(students[2], work, build.day(10), sequence=1)
    release_batch(batch_id=Run.objects.get().batch.pk, released_by=1, on=datetime.date(2026, 2, 3))
    run_night(program_code="trial", business_date=FEBRUARY)
    build.complete(students[2], build.assignments(two)[0], build.day(60), sequence=2)
    run_night(program_code="trial", business_date=MARCH)


def verify(capsys):
    """(exit code, what was printed)"""
    code = 0
    try:
        call_command("verify")
    except SystemExit as end:
        code = end.code
    return code, capsys.readouterr().out


def plant(statement, *values):
    """What a superuser can do who lets the guards stand aside; answers the first value returned."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount == 1, "the plant must change exactly one row"
        found = cursor.fetchone()[0] if cursor.description else None
        cursor.execute("SET LOCAL session_replication_role = origin")
        return found


def test_clean_books_give_nothing_to_say_and_balance_to_zero(books, capsys):
    assert verify(capsys) == (0, "0 differences; the trial balance is 0.\n")
    with acting_as("area_funding"):
        balances = [row["balance_cents"] for row in trial_balance()]
    assert sum(balances) == 0
    assert any(balances)


def test_books_before_their_first_night_are_clean(capsys):
    build.program()
    assert verify(capsys)[0] == 0


def edited(table, change, answer="id", where="true", key="id"):
    """The statement that edits the first row of a table of the books and answers what names it."""
    return f"UPDATE funding_{table} SET {change} WHERE {key} = {first(table, where, key)} RETURNING {answer}"


def taken_away(table, answer, where="true", key="id"):
    return f"DELETE FROM funding_{table} WHERE {key} = {first(table, where, key)} RETURNING {answer}"


def first(table, where, key):
    columns = key.strip("()")
    return f"(SELECT {columns} FROM funding_{table} WHERE {where} ORDER BY {columns} LIMIT 1)"


def transfer(change, kind="earn"):
    return edited("transfer", change, "effect_key", f"kind = '{kind}'", "effect_key")


def state(change):
    return edited("earningstate", change, ENROLLMENT, "true", "(enrollment_id, module_id)")


ENROLLMENT = "(SELECT code FROM enrollments_enrollment e WHERE e.id = enrollment_id)"
SEALED_ANEW = """
    UPDATE funding_transfer t SET amount_cents = amount_cents + 1, row_sha256 = funding.seal(
        t.effect_key, d.code, c.code, t.amount_cents + 1, t.business_date, v.content_sha256)
    FROM funding_account d, funding_account c, funding_policyversion v
    WHERE d.id = debit_account_id AND c.id = credit_account_id AND v.id = policy_version_id AND t.effect_key = (
        SELECT effect_key FROM funding_transfer WHERE kind = 'earn' ORDER BY effect_key LIMIT 1)
    RETURNING t.run_id"""
SLIPPED_IN = """
    INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents,
                                  business_date, provider_id, row_sha256)
    SELECT k, t.program_id, t.kind, d.id, c.id, 100, t.business_date, t.provider_id,
           funding.seal(k, d.code, c.code, 100, t.business_date, NULL)
    FROM (SELECT * FROM funding_transfer WHERE kind = 'release' LIMIT 1) t
    JOIN funding_account d ON d.id = t.debit_account_id JOIN funding_account c ON c.id = t.credit_account_id
    CROSS JOIN (SELECT gen_random_uuid()) x (k)
    RETURNING effect_key"""
A_LINE_OF_IT = """(SELECT min(l.id) FROM funding_paymentline l
                   WHERE l.batch_id = funding_paymentbatch.id AND l.amount_cents > 0)"""
A_TRANSFER_OF_IT = """(SELECT effect_key FROM funding_transfer
                       WHERE kind = 'settle' AND debit_account_id = funding_account.id LIMIT 1)"""
REVERSED = """
    INSERT INTO funding_transfer (effect_key, program_id, kind, debit_account_id, credit_account_id, amount_cents,
                                  business_date, provider_id, reverses_id, row_sha256)
    SELECT k, t.program_id, 'reverse', c.id, d.id, t.amount_cents, t.business_date, t.provider_id, t.effect_key,
           funding.seal(k, c.code, d.code, t.amount_cents, t.business_date, NULL)
    FROM (SELECT * FROM funding_transfer WHERE kind = '{kind}' ORDER BY effect_key LIMIT 1) t
    JOIN funding_account d ON d.id = t.debit_account_id JOIN funding_account c ON c.id = t.credit_account_id
    CROSS JOIN (SELECT gen_random_uuid()) x (k)
    RETURNING {answer}"""
OF_THE_CLAIM = """(SELECT e.code FROM funding_transfer o JOIN funding_claim c ON c.id = o.claim_id
                   JOIN enrollments_enrollment e ON e.id = c.enrollment_id
                   WHERE o.effect_key = funding_transfer.reverses_id)"""
OF_THE_PAYMENT = "(SELECT min(l.id) FROM funding_paymentline l WHERE l.provider_id = funding_transfer.provider_id)"
UNRESOLVED = "id NOT IN (SELECT discrepancy_id FROM funding_discrepancyresolution)"
ITS_ENROLLMENT = """(SELECT e.code FROM funding_discrepancy d JOIN enrollments_enrollment e ON e.id = d.enrollment_id
                     WHERE d.id = discrepancy_id)"""
# {place: (what the superuser does, how verify names the row)}; {} stands for what the statement answers.
PLANTS = {
    # A wrong cent, in each place where money stands.
    "a transfer's amount": (transfer("amount_cents = amount_cents + 1"), "transfer {}:"),
    "the amount of a transfer into payment": (transfer("amount_cents = amount_cents + 1", "settle"), "transfer {}:"),
    "the amount of a transfer that was paid": (transfer("amount_cents = amount_cents + 1", "release"), "transfer {}:"),
    "a transfer's amount, sealed anew": (SEALED_ANEW, "run {} of"),
    "an earning state's amount earned": (state("earned_cents = earned_cents + 1"), "enrollment {} module"),
    "an earning state's amounts": (
        state("earned_cents = earned_cents + 1, posted_cents = posted_cents + 1"), "enrollment {} module",
    ),
    "a priced case": (edited("pricedcase", "earned_cents = earned_cents + 1"), "priced case {}:"),
    "what a priced case holds": (edited("pricedcase", "held_cents = held_cents + 1"), "priced case {}:"),
    "a claim": (edited("claim", "earned_cents = earned_cents + 1"), "claim {} of"),
    "a payment line": (
        edited("paymentline", "posted_cents = posted_cents + 1, amount_cents = amount_cents + 1"), "payment line {}:",
    ),
    "what a payment line carries": (
        edited(
            "paymentline", "carried_in_cents = carried_in_cents - 1, carried_out_cents = carried_out_cents - 1",
            where="amount_cents = 0",
        ),
        "payment line {}:",
    ),
    "what a night says it posted": (edited("run", "result = jsonb_set(result, '{posted_cents}', '1')"), "run {} of"),
    # Rows moved, taken away or slipped in.
    "a transfer's provider": (transfer("provider_id = provider_id + 1000"), "transfer {}:"),
    "a transfer's kind": (transfer("kind = 'recover'"), "transfer {}:"),
    "a transfer's day": (transfer("business_date = business_date - 1"), "transfer {}:"),
    "a transfer taken away": (taken_away("transfer", "run_id", "kind = 'earn'", "effect_key"), "run {} of"),
    "a payment slipped in": (SLIPPED_IN, "transfer {}:"),
    "a reversal of what was earned": (REVERSED.format(kind="earn", answer=OF_THE_CLAIM), "enrollment {} module"),
    "a reversal of what was paid": (REVERSED.format(kind="release", answer=OF_THE_PAYMENT), "payment line {}:"),
    "a claim's provider": (edited("claim", "provider_id = provider_id + 1000"), "claim {} of"),
    "a claim's offering": (edited("claim", "offering_id = offering_id + 1000"), "claim {} of"),
    "an earning state's provider": (state("provider_id = provider_id + 1000"), "enrollment {} module"),
    "an earning state's count of claims": (state("claims = claims + 1"), "enrollment {} module"),
    "a payment line taken away": (taken_away("paymentline", "provider_id"), "payment line missing for provider {} in batch"),
    "a batch marked as released that paid nobody": (
        edited("paymentbatch", "released_at = now(), released_by = 1", A_LINE_OF_IT, "released_at IS NULL"), "payment line {}:",
    ),
    "an account's code": (edited("account", "code = 'payable:P9'", A_TRANSFER_OF_IT, "code = 'payable:P1'"), "transfer {}:"),
    # What the money rests on.
    "a run's digest": (edited("run", "digest = repeat('0', 64)"), "run {} of"),
    "a policy's text": (edited("policyversion", "content = replace(content, '986.88', '996.88')"), "policy version {}:"),
    "a policy's text, unreadable now": (edited("policyversion", "content = 'program: ['"), "policy version {}:"),
    "a discrepancy taken away": (taken_away("discrepancy", ENROLLMENT, UNRESOLVED), "enrollment {} assignment"),
    "a discrepancy about nothing": (edited("discrepancy", "assignment_id = 1000000"), "discrepancy {}:"),
    "an acceptance turned into a dismissal": (
        edited("discrepancyresolution", "outcome = 'dismissed'", ITS_ENROLLMENT, "outcome = 'accepted'"), "enrollment {} module",
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", PLANTS)
def test_what_a_superuser_plants_is_found_by_its_name(books, capsys, place):
    statement, name = PLANTS[place]
    planted = plant(statement)
    code, said = verify(capsys)
    assert code == 1
    assert f"trial: {name.format(planted)}" in said


def test_a_policy_replaced_with_its_hash_breaks_the_seals_of_what_it_paid(books, capsys):
    version = PolicyVersion.objects.get()
    text = version.content.replace("986.88", "996.88")
    plant("UPDATE funding_policyversion SET content = %s, content_sha256 = encode(sha256(%s::bytea), 'hex')", text, text)
    code, said = verify(capsys)
    assert code == 1
    for effect in Transfer.objects.filter(policy_version__isnull=False).values_list("effect_key", flat=True):
        assert f"transfer {effect}: it was changed after it was written" in said


def test_a_completion_taken_away_is_found_by_its_enrollment(books, capsys):
    missing = plant(
        "DELETE FROM enrollments_completion WHERE (enrollment_id, assignment_id) = (SELECT enrollment_id, assignment_id "
        "FROM enrollments_completion WHERE sequence = 0 ORDER BY 1, 2 LIMIT 1) RETURNING enrollment_id"
    )
    code, said = verify(capsys)
    assert code == 1
    assert f"trial: enrollment {Enrollment.objects.get(pk=missing).code} module M1: the facts say" in said


def test_a_completion_slipped_into_an_old_batch_is_found_by_its_enrollment(books, capsys):
    completion = Completion.objects.order_by("batch_id").first()
    student = completion.enrollment
    other = build.assignments(student.offering)[-1]
    plant(
        "INSERT INTO enrollments_completion (enrollment_id, assignment_id, sequence, source_system_id, source_id, "
        "source_revision, completed_on, carried_over, batch_id) "
        "SELECT enrollment_id, %s, 0, source_system_id, 'slipped in', 0, completed_on, false, batch_id "
        "FROM enrollments_completion WHERE (enrollment_id, assignment_id, sequence) = (%s, %s, 0)",
        other.pk, student.pk, completion.assignment_id,
    )  # fmt: skip
    code, said = verify(capsys)
    assert code == 1
    assert f"trial: enrollment {student.code} module M2: the facts say" in said


def test_facts_that_arrived_since_the_last_night_are_no_difference(books, capsys):
    student = Enrollment.objects.order_by("id").first()
    build.complete(student, build.assignments(student.offering)[-1], build.day(70))
    build.withdraw(student, build.day(2))
    assert verify(capsys) == (0, "0 differences; the trial balance is 0.\n")


def test_a_completion_taken_away_is_found_though_its_enrollment_has_changed_since(books, capsys):
    student = Enrollment.objects.order_by("id").first()
    build.withdraw(student, build.day(2))
    build.withdraw(student, build.day(95))
    plant("DELETE FROM enrollments_completion WHERE (enrollment_id, assignment_id, sequence) = (%s, %s, 0)",
          student.pk, build.assignments(student.offering)[0].pk)  # fmt: skip
    code, said = verify(capsys)
    assert code == 1
    assert f"trial: enrollment {student.code} module M1: the facts say" in said


def test_a_night_half_done_is_no_difference(books, capsys, monkeypatch):
    monkeypatch.setattr("funding.actions.open_run.ENROLLMENTS_A_SHARD", 1)
    for student in Enrollment.objects.order_by("id")[:2]:
        build.complete(student, build.assignments(student.offering)[-1], build.day(92))
    run = open_run(program_code="trial", business_date=datetime.date(2026, 4, 5))
    assert work_shard(run=run)
    assert run.shards.filter(done_at=None).count() == 1
    assert verify(capsys) == (0, "0 differences; the trial balance is 0.\n")


def test_the_answer_for_machines_names_program_check_row_and_problem(books, capsys):
    planted = plant(PLANTS["a priced case"][0])
    with pytest.raises(SystemExit, match="1"):
        call_command("verify", "--program", "trial", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["trial_balance_cents"] == 0
    found = [finding for finding in answer["findings"] if finding["check"] == "case"]
    assert [(finding["program"], finding["row"]) for finding in found] == [("trial", f"priced case {planted}")]
    assert "cents earned" in found[0]["problem"]
