"""Credit follows from what was shown: by which criteria, in exact fractions, once, and never from a completion."""

import contextlib
import datetime
import random
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.models import IndividualCriterion, MasteryJudgment
from database.areas import acting_as
from pathways.actions.attest_assessment import (
    AttestationRefused,
    attest_assessment,
    open_assessment,
    withdraw_attestation,
)
from pathways.actions.award_credit import AwardRefused, AwardWish, award_credits
from pathways.actions.revoke_credit import RevocationRefused, revoke_credit
from pathways.actions.set_criteria import CriteriaRefused, set_criteria
from pathways.calc.credit import share, total
from pathways.models import CreditAward
from pathways.queries.credit import awards_of, due_awards
from tests import build
from tests.build_learning import day, framework, judge, noon, student, teacher
from tests.pathways.credit_ground import asks, award, course, ground, master, set_for

pytestmark = pytest.mark.django_db


def credit_of(learner):
    return sum((one.credit for one in awards_of([learner.pk], day=day(300)) if not one.revoked), Fraction(0))


def withdraw(judgment, by, on=10):
    withdraw_judgment(judgment_id=judgment, withdrawn_by=by.pk, reason="It was another student's work.", at=noon(on))


def revoke(one, by, on=11):
    revoke_credit(award_id=one.pk, revoked_by=by.pk, reason="Given by mistake.", at=noon(on))


def test_credit_is_awarded_where_the_criteria_are_met_and_keeps_what_it_rests_on_as_it_stood():
    by, learner, made, (first, _), (one, _) = ground()
    judgment = master(by, learner, one)[0]
    given_credit = award(by, learner, made, first)
    one.statement = "Said otherwise since."
    one.save()
    given_credit.refresh_from_db()
    assert (given_credit.numerator, given_credit.denominator, given_credit.attained_on) == (1, 2, day(2))
    trace = given_credit.basis["progress"]["parts"][0]["trace"]
    assert trace["judgments"] == [judgment]
    assert trace["statement"].startswith("Can do thing")
    assert given_credit.basis["modules"] == [{"code": "M1", "credit": "1/2"}]
    assert given_credit.basis["criteria"]["number"] == 1


def test_credit_is_refused_with_what_is_missing_where_the_criteria_are_not_met():
    by, learner, made, (first, second), (one, _) = ground()
    master(by, learner, one, rank=2)
    with pytest.raises(
        AwardRefused, match=r"^The criteria of CR\d+ M1 are not met yet \(0 of 1 met\): N\.\d+: Developing \(level 2\)"
    ):
        award(by, learner, made, first)
    with pytest.raises(AwardRefused, match="no evidence yet; mastery is needed"):
        award(by, learner, made, second)
    assert not CreditAward.objects.exists()


def test_a_course_without_criteria_a_module_of_another_and_an_unknown_occasion_are_refused():
    by, learner, made, _, _ = ground()
    bare, parts = course("1")
    with pytest.raises(AwardRefused, match=r"^No criteria are set for CR\d+ M1; set them, then award\.$"):
        award(by, learner, bare, parts[0])
    with pytest.raises(AwardRefused, match="no such course or module"):
        award(by, learner, made, parts[0])
    with pytest.raises(AwardRefused, match=r"there are regular, recovery, advancement, outside, transfer\.$"):
        award(by, learner, made, occasion="hours")
    empty, _ = course()
    with pytest.raises(AwardRefused, match="carries no credit"):
        award(by, learner, empty)


def test_a_course_gives_what_its_modules_have_not_given_and_nothing_twice():
    by, learner, made, (first, second), competencies = ground()
    master(by, learner, *competencies)
    award(by, learner, made, first)
    whole = award(by, learner, made)
    assert (whole.numerator, whole.denominator) == (1, 2)
    for module in (None, first, second):
        with pytest.raises(AwardRefused, match="is awarded already") as refused:
            award(by, learner, made, module)
        assert refused.value.conflict
    assert credit_of(learner) == 1


def test_a_further_award_follows_only_a_revoked_one_and_a_revoked_module_is_not_in_the_course_by_itself():
    by, learner, made, (first, second), competencies = ground()
    master(by, learner, *competencies)
    mistaken = award(by, learner, made, first)
    award(by, learner, made)
    revoke(mistaken, by)
    assert credit_of(learner) == Fraction(1, 2)
    with pytest.raises(AwardRefused, match="is awarded already"):
        award(by, learner, made, second)
    again = award(by, learner, made, first, on=12)
    assert (again.ordinal, credit_of(learner)) == (2, 1)
    with pytest.raises(RevocationRefused, match="revoked already"):
        revoke(mistaken, by)
    with pytest.raises(RevocationRefused, match="Give the reason"):
        revoke_credit(award_id=again.pk, revoked_by=by.pk, reason=" ", at=noon(13))


@given(st.lists(st.fractions(Fraction(0), Fraction(1), max_denominator=12), min_size=1, max_size=6), st.randoms())
def test_fractions_of_modules_add_up_to_the_course_in_whatever_order_they_are_given(credits, chance):
    modules = {f"M{at}": credit for at, credit in enumerate(credits)}
    steps = [*modules, None]
    chance.shuffle(steps)
    given_codes, earned = set(), Fraction(0)
    for step in steps:
        shares = share(modules, given_codes, step)
        earned += total(shares)
        given_codes |= shares.keys()
        assert earned <= total(modules)
    assert earned == total(modules)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["award", "revoke"]), st.integers(0, 3)), min_size=1, max_size=14))
def test_whatever_is_awarded_and_revoked_no_module_counts_twice(steps):
    by, learner, made, modules, competencies = ground(3)
    master(by, learner, *competencies)
    for verb, which in steps:
        module = [None, *modules][which]
        if verb == "award":
            with contextlib.suppress(AwardRefused):
                award(by, learner, made, module)
        else:
            standing = CreditAward.objects.filter(student=learner, module=module, revocation__isnull=True).first()
            if standing:
                revoke(standing, by)
        rows = CreditAward.objects.filter(student=learner, revocation__isnull=True)
        codes = [given_module["code"] for row in rows for given_module in row.basis["modules"]]
        assert len(codes) == len(set(codes))
        assert credit_of(learner) == Fraction(len(codes), 3)


def test_an_individual_criterion_counts_in_an_award():
    by, learner, made, (first, _), (one, _) = ground()
    judgment = MasteryJudgment.objects.get(pk=master(by, learner, one, rank=2)[0])
    IndividualCriterion.objects.create(
        student=learner,
        competency=one,
        version=judgment.version,
        proficient_rank=2,
        reason="Individual plan of September.",
        decided_by=by,
        starts_on=day(1),
        recorded_at=noon(1),
    )
    assert award(by, learner, made, first).basis["progress"]["met"]


def test_an_attested_assessment_is_a_leaf_until_it_is_withdrawn():
    by, learner = teacher(), student()
    made, (only,) = course("1")
    open_assessment(code="DEFENCE", title="Defence of a project")
    set_for(made, only, {"assessment": "DEFENCE"}, by)
    attested = attest_assessment(student_id=learner.pk, assessment="DEFENCE", attained_on=day(4), attested_by=by.pk, at=noon(5))
    given_credit = award(by, learner, made, only, on=6, occasion="outside")
    assert (given_credit.attained_on, given_credit.occasion) == (day(4), "outside")
    withdraw_attestation(attestation_id=attested.pk, withdrawn_by=by.pk, reason="Another student's.", at=noon(7))
    (shown,) = awards_of([learner.pk], day=day(8))
    assert (shown.supported, shown.withdrawn) == (False, ("the attestation of DEFENCE",))
    with pytest.raises(AttestationRefused, match="withdrawn already"):
        withdraw_attestation(attestation_id=attested.pk, withdrawn_by=by.pk, reason="Again.", at=noon(8))


def test_a_withdrawn_judgement_takes_no_credit_but_shows_that_it_is_no_longer_supported():
    by, learner, made, (first, _), (one, _) = ground()
    judgment = master(by, learner, one)[0]
    award(by, learner, made, first)
    withdraw(judgment, by)
    (shown,) = awards_of([learner.pk], day=day(20))
    assert (shown.credit, shown.revoked, shown.supported) == (Fraction(1, 2), False, False)
    assert shown.withdrawn == (f"judgement {judgment} on {one.code}",)
    judge(by, learner, one, 4, on=21)
    (shown,) = awards_of([learner.pk], day=day(22))
    assert (shown.supported, shown.withdrawn) == (True, (f"judgement {judgment} on {one.code}",))


def test_later_work_at_a_lower_level_does_not_shake_an_award():
    by, learner, made, (first, _), (one, _) = ground()
    master(by, learner, one)
    award(by, learner, made, first)
    judge(by, learner, one, 1, on=9)
    (shown,) = awards_of([learner.pk], day=day(10))
    assert (shown.supported, shown.withdrawn) == (True, ())


def test_new_criteria_are_a_further_number_and_leave_awards_with_theirs():
    by, learner, made, (first, _), (one, two) = ground()
    master(by, learner, one)
    before = award(by, learner, made, first)
    tree = asks(one, two)
    changed = set_for(made, first, tree, by, at=30)
    assert (changed.number, set_for(made, first, tree, by, at=31).pk) == (2, changed.pk)
    before.refresh_from_db()
    assert before.criteria.number == 1
    revoke(before, by)
    with pytest.raises(AwardRefused, match="are not met yet"):
        award(by, learner, made, first)


def test_criteria_name_only_what_is_on_file_and_in_use():
    by = teacher()
    made, (only,) = course("1")
    _, (one,) = framework()

    def refused(tree):
        with pytest.raises(CriteriaRefused) as problem:
            set_criteria(course_id=made.pk, module_id=only.pk, tree=tree, decided_by=by.pk, at=noon(1))
        return str(problem.value)

    assert refused({"all": [{"competency": str(made.pk), "level": 1}]}).startswith("all[0].competency: expected a competency's uuid")
    assert "levels 1 to 4; 5 is none of them" in refused(asks(one, level=5))
    assert refused({"assessment": "NONE"}) == "There is no assessment NONE; open it first."
    one.retired_on = datetime.date(2025, 1, 1)
    one.save()
    assert "retired; name what replaced it" in refused(asks(one))
    assert "not on file; import its framework first" in refused(
        {"competency": "00000000-0000-0000-0000-000000000001", "level": "proficient"}
    )


def test_due_names_who_has_met_criteria_without_an_award_and_asks_the_same_for_one_as_for_thirty(django_assert_num_queries):
    by, learner, made, (first, _), (one, two) = ground()
    others = [student() for _ in range(29)]
    master(by, learner, one)
    master(by, others[0], one, two)
    everyone = [learner.pk, *(other.pk for other in others)]
    with acting_as("area_learning"):
        with django_assert_num_queries(5):
            due = due_awards([learner.pk], day=day(5))
        with django_assert_num_queries(5):
            of_all = due_awards(everyone, day=day(5))
    assert [(found.student_id, found.module, found.credit) for found in due] == [(learner.pk, "M1", Fraction(1, 2))]
    assert [(found.student_id, found.module, found.credit) for found in of_all] == [
        (learner.pk, "M1", Fraction(1, 2)),
        (others[0].pk, None, Fraction(1)),
    ]
    award(by, learner, made, first)
    assert due_awards([learner.pk], day=day(5)) == []


@pytest.mark.parametrize("seed", range(5))
def test_no_award_follows_from_completions_whatever_they_are(seed):
    chance = random.Random(seed)
    by, other = teacher(), student()
    offering = build.offering(modules=3, code=f"A {seed}")
    modules = list(offering.course.modules.order_by("code"))
    _, competencies = framework(3)
    for module, competency in zip(modules, competencies, strict=True):
        set_for(offering.course, module, asks(competency), by)
    master(by, other, competencies[0])
    entered = build.enrollment(offering)
    learner = entered.student

    def everything():
        return [
            (due_awards([learner.pk, other.pk], day=day(300)), list(CreditAward.objects.values())),
            _refusals(by, learner, offering.course, modules),
        ]

    before = everything()
    for work in build.assignments(offering):
        if chance.random() < 0.8:
            said = {"on": build.day(chance.randint(1, 90)), "carried_over": chance.random() < 0.3}
            build.complete(entered, work, **said)
            if chance.random() < 0.3:
                build.complete(entered, work, **said, sequence=1)
    assert everything() == before
    assert [found.student_id for found in before[0][0]] == [other.pk]


def _refusals(by, learner, made, modules):
    said = []
    for module in (*modules,):
        with pytest.raises(AwardRefused) as refused:
            award(by, learner, made, module)
        said.append(str(refused.value))
    return said


def test_many_are_awarded_at_once_and_one_that_is_refused_stops_no_other():
    by, learner, made, (first, second), competencies = ground()
    master(by, learner, *competencies)
    late = student()
    wishes = [
        AwardWish(learner.pk, made.pk, first.pk),
        AwardWish(learner.pk, made.pk, first.pk),
        AwardWish(late.pk, made.pk, first.pk),
        AwardWish(learner.pk, made.pk),
    ]
    said = award_credits(wishes=wishes, awarded_by=by.pk, at=noon(3))
    assert [getattr(one, "numerator", None) for one in said] == [1, None, None, 1]
    assert "awarded already" in str(said[1])
    assert "not met yet" in str(said[2])
    assert [(one.module_id, one.ordinal) for one in CreditAward.objects.order_by("id")] == [(first.pk, 1), (None, 1)]
    assert [part["code"] for part in said[3].basis["modules"]] == [second.code], "the course gives what its module has not"
