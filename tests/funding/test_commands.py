"""The commands tell a person what happened, and refuse what cannot be meant."""

import datetime
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enrollments.models import UnmatchedCompletion
from funding.actions.release_batch import release_batch
from funding.models import Discrepancy, PaymentBatch, Run
from tests import build

pytestmark = pytest.mark.django_db


def said(*words, **options):
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def enrolled():
    build.program()
    course = build.offering()
    student = build.enrollment(course)
    build.complete(student, build.assignments(course)[0], build.day(3))
    return student


def test_a_night_of_a_day_to_come_is_refused_and_nothing_is_recorded(enrolled):
    tomorrow = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    with pytest.raises(CommandError, match="has not come yet"):
        said("nightly", program="trial", date=tomorrow)
    assert Run.objects.count() == 0


def test_a_night_that_was_recorded_before_says_so(enrolled):
    first = json.loads(said("nightly", program="trial", date=build.day(5), json=True))
    again = json.loads(said("nightly", program="trial", date=build.day(5), json=True))
    assert (first.pop("already_recorded"), again.pop("already_recorded")) == (False, True)
    assert first == again
    assert "Nothing was done: the night of 2026-01-05, which covers 2026-01-04" in said("nightly", program="trial", date=build.day(4))


def test_a_release_after_the_last_night_shows_as_paid_unless_an_earlier_day_is_asked_for(enrolled):
    said("nightly", program="trial", date=build.day(31))
    release_batch(batch_id=PaymentBatch.objects.get().pk, released_by=build.officer().pk, on=datetime.date(2026, 2, 10))

    def paid(**options):
        statement = json.loads(said("statement", provider="P1", json=True, **options))[0]
        return statement["paid_cents"], statement["lines"][0]["released_on"], statement["last_night"]

    assert paid() == (24672, "2026-02-10", "2026-01-31")
    assert paid(as_of=datetime.date(2026, 2, 9)) == (0, None, "2026-01-31")
    assert paid(as_of=datetime.date(2026, 2, 10)) == (24672, "2026-02-10", "2026-01-31")


def test_a_statement_of_a_day_leaves_out_programs_without_a_night_by_then(enrolled):
    build.in_force(build.policy_text().replace("trial", "other"))
    build.offering(code="B", catalogue="other")
    said("nightly", program="trial", date=build.day(31))
    assert {one["program"] for one in json.loads(said("statement", "--all", json=True, as_of=build.day(31)))} == {"trial"}
    assert "No night had run by 2026-01-30, so there is nothing" in said("statement", "--all", as_of=build.day(30))
    with pytest.raises(CommandError, match="provider 'P1' in a night up to 2026-01-30"):
        said("statement", provider="P1", as_of=build.day(30))


@pytest.mark.parametrize("command", ["verify", "trial_balance", "statement"])
def test_an_unknown_program_is_refused_with_the_known_ones(enrolled, command):
    options = {"all": True} if command == "statement" else {}
    with pytest.raises(CommandError, match="there is: trial"):
        said(command, program="nope", **options)


def test_a_row_that_names_a_known_enrollment_is_its_providers_to_correct(enrolled):
    source = build.source()
    for number, code in enumerate((enrolled.code, "E-nobody")):
        UnmatchedCompletion.objects.create(
            source_system=source, source_id=f"u{number}", kind="unknown_assignment", enrollment_code=code,
            assignment_code="9.9", completed_on=build.day(3), batch=build.batch(),
        )  # fmt: skip
    said("nightly", program="trial", date=build.day(5))
    owners = Discrepancy.objects.order_by("id").values_list("provider_id", "owner_role")
    assert list(owners) == [(build.provider().pk, "provider_staff"), (None, "finance_officer")]
