"""Second ratings are blind; agreement and drift are exact, and for administrators alone."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.actions.add_anchor import add_anchor, rate_anchor
from competencies.actions.ask_second_rating import RatingRefused, ask_second_rating, rate_second
from competencies.actions.record_evidence import record_evidence
from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.calc.agreement import agreement, drift_by_month
from competencies.models import Rubric, RubricCriterion, RubricLevel, SampleWork
from competencies.queries.levels import levels_now
from competencies.queries.second_ratings import anchors_for, rater_figures, ratings_asked
from database.areas import acting_as
from tests.build_learning import administrator, class_of, day, framework, judge, noon, school, teacher

pairs = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=30)


@given(pairs)
def test_kappa_is_that_of_the_table_of_counts(rated):
    n = Fraction(len(rated))
    table = {(a, b): rated.count((a, b)) / n for a in range(1, 5) for b in range(1, 5)}
    observed = sum(table[a, a] for a in range(1, 5))
    expected = sum(sum(table[a, b] for b in range(1, 5)) * sum(table[b, a] for b in range(1, 5)) for a in range(1, 5))
    found = agreement(rated)
    assert found.exact == observed
    assert found.kappa == (None if expected == 1 else 1 - (1 - observed) / (1 - expected))


def test_agreement_of_four_pairs_is_worked_out_by_hand():
    found = agreement([(1, 1), (2, 2), (3, 2), (4, 2)])
    assert (found.exact, found.adjacent, found.drift) == (Fraction(1, 2), Fraction(3, 4), Fraction(-3, 4))
    assert found.kappa == Fraction(1, 3)
    assert agreement([(2, 2), (2, 2)]).kappa is None
    assert drift_by_month([("2025-10", (1, 2)), ("2025-09", (3, 3)), ("2025-10", (1, 1))]) == [
        ("2025-09", 1, Fraction(0)),
        ("2025-10", 2, Fraction(1, 2)),
    ]


@pytest.mark.django_db
class TestOnTheRecord:
    def asked(self):
        judging, (student,), _ = class_of(1)
        _, (competency,) = framework(1)
        evidence = record_evidence(
            student_id=student.pk, recorded_by=judging.pk, kind="note", title="Log", text="Read.", worked_on=day(1), at=noon(1)
        )
        judgment = judge(judging, student, competency, 4, evidence_versions=(evidence.versions.get().pk,))
        rater = teacher()
        request = ask_second_rating(judgment_id=judgment, rater_id=rater.pk, asked_by=judging.pk, at=noon(2))
        return judging, student, competency, judgment, rater, request

    def test_a_rater_sees_no_first_level_until_the_second_is_given(self):
        _, student, competency, _, rater, request = self.asked()
        with acting_as("area_learning"):
            assert [(one.first_rank, one.own_rank) for one in ratings_asked(rater.pk)] == [(None, None)]
        rate_second(request_id=request.pk, rated_by=rater.pk, rank=2, at=noon(3))
        with acting_as("area_learning"):
            assert [(one.first_rank, one.own_rank) for one in ratings_asked(rater.pk)] == [(4, 2)]
            assert levels_now([student.pk])[student.pk, competency.pk].rank == 4

    def test_a_second_rating_is_given_once_by_the_rater_who_was_asked(self):
        judging, _, _, judgment, rater, request = self.asked()
        with pytest.raises(RatingRefused, match="Only the rater"):
            rate_second(request_id=request.pk, rated_by=judging.pk, rank=2, at=noon(3))
        with pytest.raises(RatingRefused, match="from 1 to 4"):
            rate_second(request_id=request.pk, rated_by=rater.pk, rank=5, at=noon(3))
        rate_second(request_id=request.pk, rated_by=rater.pk, rank=2, at=noon(3))
        with pytest.raises(RatingRefused, match="has been given"):
            rate_second(request_id=request.pk, rated_by=rater.pk, rank=3, at=noon(3))
        with pytest.raises(RatingRefused, match="asked already"):
            ask_second_rating(judgment_id=judgment, rater_id=rater.pk, asked_by=judging.pk, at=noon(3))
        with pytest.raises(RatingRefused, match="somebody else"):
            ask_second_rating(judgment_id=judgment, rater_id=judging.pk, asked_by=judging.pk, at=noon(3))
        withdraw_judgment(judgment_id=judgment, withdrawn_by=judging.pk, reason="A slip.", at=noon(4))
        with pytest.raises(RatingRefused, match="withdrawn"):
            ask_second_rating(judgment_id=judgment, rater_id=teacher().pk, asked_by=judging.pk, at=noon(5))

    def test_an_administrator_sees_figures_of_the_own_school_and_of_no_other(self):
        _, _, _, _, rater, request = self.asked()
        rate_second(request_id=request.pk, rated_by=rater.pk, rank=3, at=noon(3))
        with acting_as("area_learning"):
            own = rater_figures(actor_id=administrator(school()).pk, day=day(4))
            other = rater_figures(actor_id=administrator(school("S2")).pk, day=day(4))
        (figures,) = own["second_ratings_by_rater"]
        assert (figures.who, figures.agreement.adjacent, figures.agreement.drift) == (rater.uuid, 1, -1)
        assert figures.months == [("2025-09", 1, Fraction(-1))]
        assert {name: found for name, found in other.items() if found} == {}

    def test_an_anchor_tells_its_agreed_level_after_the_first_rating(self):
        judging, _, competency, _, _, _ = self.asked()
        rubric = Rubric.objects.create(framework=competency.framework, title="R")
        criterion = RubricCriterion.objects.create(rubric=rubric, competency=competency)
        level = RubricLevel.objects.create(criterion=criterion, rank=3)
        sample = SampleWork.objects.create(level=level, title="An essay")
        anchor = add_anchor(sample_id=sample.pk, competency_id=competency.pk, agreed_rank=3, decided_by=judging.pk, at=noon(1))
        with acting_as("area_learning"):
            assert [(one.own_ranks, one.agreed_rank) for one in anchors_for(judging.pk)] == [([], None)]
        rate_anchor(anchor_id=anchor.pk, rater_id=judging.pk, rank=4, at=noon(2))
        with acting_as("area_learning"):
            assert [(one.own_ranks, one.agreed_rank) for one in anchors_for(judging.pk)] == [([4], 3)]
            figures = rater_figures(actor_id=administrator(school()).pk, day=day(4))
        assert [one.agreement.drift for one in figures["anchors_by_rater"]] == [1]
