"""Several people decide at once, with real commits: one effect, and the others are told."""

from competencies.actions.withdraw_judgment import withdraw_judgment
from pathways.actions.award_credit import AwardRefused
from pathways.actions.decide_placement import PlacementRefused, decide_placement
from pathways.actions.revoke_credit import RevocationRefused, revoke_credit
from pathways.models import CreditAward, PlacementDecision
from pathways.queries.credit import awards_of
from tests.at_once import at_once
from tests.build_learning import day, framework, noon, student, teacher
from tests.pathways.credit_ground import award, ground, master
from tests.pathways.portfolio_ground import a_years_work, bring, export


def outcome(what, refused):
    """ "done", or what it was refused with."""
    try:
        what()
    except refused as problem:
        return str(problem)
    return "done"


def test_a_module_and_its_course_awarded_at_once_by_eight_give_the_course_once(committed_db):
    by, learner, made, (first, second), competencies = ground()
    master(by, learner, *competencies)
    wanted = [first, second, None, first, None, second, first, None]
    said = at_once(8, lambda number: outcome(lambda: award(by, learner, made, wanted[number]), AwardRefused))
    assert all(one == "done" or "awarded already" in one for one in said)
    codes = [entry["code"] for row in CreditAward.objects.all() for entry in row.basis["modules"]]
    assert sorted(codes) == ["M1", "M2"]


def test_an_award_and_a_withdrawal_at_once_leave_no_award_that_looks_supported(committed_db):
    for _ in range(4):
        by, learner, made, (first, _), (one, _) = ground()
        (judgment,) = master(by, learner, one)

        def act(number, by=by, learner=learner, made=made, first=first, judgment=judgment):
            if number:
                withdraw_judgment(judgment_id=judgment, withdrawn_by=by.pk, reason="Another's.", at=noon(9))
                return "withdrawn"
            return outcome(lambda: award(by, learner, made, first), AwardRefused)

        at_once(2, act)
        assert [shown.supported for shown in awards_of([learner.pk], day=day(10))] in ([], [False])


def test_a_placement_decided_and_an_award_revoked_by_six_at_once_happen_once(committed_db):
    _, competencies = framework(3)
    _, learner = a_years_work(competencies)
    arriving = student()
    placement = bring(export(learner), arriving).placements[0].pk
    awarded = CreditAward.objects.get().pk
    deciders = [teacher().pk for _ in range(6)]

    def decide(number):
        fields = {"placement_id": placement, "confirm": True, "decided_by": deciders[number], "at": noon(80)}
        return outcome(lambda: decide_placement(**fields), PlacementRefused)

    def revoke(number):
        fields = {"award_id": awarded, "revoked_by": deciders[number], "reason": "Mistaken.", "at": noon(80)}
        return outcome(lambda: revoke_credit(**fields), RevocationRefused)

    assert at_once(6, decide).count("done") == 1
    assert PlacementDecision.objects.count() == 1
    assert at_once(6, revoke).count("done") == 1
