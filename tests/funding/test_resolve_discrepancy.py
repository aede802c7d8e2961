"""A person resolves discrepancies: with a reason, once, and the next night follows."""

import pytest

from funding.actions.resolve_discrepancy import ResolutionRefused, resolve_discrepancies, resolve_discrepancy
from funding.models import Discrepancy, DiscrepancyResolution
from tests import build
from tests.pages.office import doubt, night, set_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return set_up()


def resolve(*doubts, outcome="accepted", reason="The teacher confirmed it."):
    resolve_discrepancies(discrepancy_ids=[d.pk for d in doubts], outcome=outcome, reason=reason, resolved_by=build.officer().pk)


def test_an_accepted_completion_pays_in_the_next_night(office):
    one = doubt("after_withdrawal", office.own)
    resolve_discrepancy(discrepancy_id=one.pk, outcome="accepted", reason="Confirmed.", resolved_by=build.officer().pk)
    assert night(build.day(32)).result["posted_cents"] == 12336  # 986.88 x 1/2 x 1/4
    assert DiscrepancyResolution.objects.get().consumed_by_id is not None


def test_a_dismissed_completion_pays_nothing_and_is_no_longer_held(office):
    resolve(doubt("after_withdrawal", office.own), outcome="dismissed")
    run = night(build.day(32))
    assert (run.result["posted_cents"], run.result["claims_changed"]) == (0, 1)


def test_several_are_resolved_with_one_reason(office):
    resolve(doubt("after_withdrawal", office.own), doubt("after_withdrawal", office.foreign))
    assert set(DiscrepancyResolution.objects.values_list("reason", flat=True)) == {"The teacher confirmed it."}
    assert night(build.day(32)).result["posted_cents"] == 2 * 12336


@pytest.mark.parametrize(
    ("outcome", "reason", "why"),
    [("accepted", "  ", "Give a reason"), ("corrected", "so", "A person accepts or dismisses")],
)
def test_without_a_reason_or_with_an_outcome_that_is_not_a_persons_nothing_is_resolved(office, outcome, reason, why):
    with pytest.raises(ResolutionRefused, match=why):
        resolve(doubt("after_withdrawal", office.own), outcome=outcome, reason=reason)
    assert not DiscrepancyResolution.objects.exists()


def test_a_row_that_matched_nothing_cannot_be_accepted_and_takes_the_others_with_it(office):
    with pytest.raises(ResolutionRefused, match="cannot be accepted"):
        resolve(doubt("after_withdrawal", office.own), doubt("unknown_enrolment", office.own))
    assert not DiscrepancyResolution.objects.exists()


def test_a_second_resolution_is_refused_and_the_first_one_stands(office):
    one = doubt("after_withdrawal", office.own)
    resolve(one)
    with pytest.raises(ResolutionRefused, match="was resolved already"):
        resolve(one, doubt("after_withdrawal", office.foreign), outcome="dismissed")
    assert [r.outcome for r in DiscrepancyResolution.objects.all()] == ["accepted"]


def test_a_discrepancy_that_does_not_exist_is_named():
    with pytest.raises(ResolutionRefused, match="no discrepancy #7"):
        resolve(Discrepancy(pk=7))
