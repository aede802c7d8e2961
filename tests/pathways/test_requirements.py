"""Requirements of graduation and of pathways, with progress; waivers of seat time."""

import datetime

import pytest

from database.areas import acting_as
from pathways.actions.revoke_credit import revoke_credit
from pathways.actions.set_criteria import CriteriaRefused
from pathways.actions.set_requirement import set_requirement
from pathways.actions.waive_seat_time import WaiverRefused, waive_seat_time
from pathways.queries.progress import progress_of, requirements_in_force, waivers_on
from tests.build_learning import administrator, day, district, noon, school, teacher
from tests.pathways.credit_ground import award, ground, master

pytestmark = pytest.mark.django_db


def require(tree, code="DIPLOMA", kind="graduation", title="Diploma", at=1):
    return set_requirement(kind=kind, code=code, title=title, tree=tree, decided_by=teacher().pk, at=noon(at))


def leaves(learner):
    (found,) = progress_of(learner.pk, day=day(50))
    return [leaf.words for leaf in found.progress.leaves()], found.progress.met


def test_progress_counts_standing_credit_exactly_and_a_revoked_award_no_more():
    by, learner, made, (first, _), (one, two) = ground()
    require({"all": [{"credit": "1/2", "courses": [made.code]}, {"credit": "1"}, {"competency": str(two.uuid), "level": 4}]})
    master(by, learner, one)
    given_credit = award(by, learner, made, first)
    words, met = leaves(learner)
    assert words == [f"1/2 of 1/2 credits in {made.code}", "1/2 of 1 credits", f"{two.code}: no evidence yet; level 4 is needed"]
    assert not met
    master(by, learner, two, rank=4)
    award(by, learner, made)
    assert leaves(learner)[1]
    revoke_credit(award_id=given_credit.pk, revoked_by=by.pk, reason="Given by mistake.", at=noon(9))
    assert leaves(learner)[0][:2] == [f"1/2 of 1/2 credits in {made.code}", "1/2 of 1 credits"]


def test_the_highest_number_of_a_requirement_counts_and_the_same_again_is_no_further_one():
    require({"credit": "20"})
    latest = require({"credit": "22"}, at=2)
    assert require({"credit": "22"}, at=3).pk == latest.pk
    require({"credit": "3"}, code="ARTS", kind="pathway", title="Arts pathway")
    assert [(one.code, one.number) for one in requirements_in_force()] == [("ARTS", 1), ("DIPLOMA", 2)]


def test_a_requirement_that_cannot_be_meant_is_refused():
    with pytest.raises(CriteriaRefused, match="There is no course NOWHERE"):
        require({"credit": "1", "courses": ["NOWHERE"]})
    with pytest.raises(CriteriaRefused, match=r"all\[0\]\.credit: expected a fraction"):
        require({"all": [{"credit": 1.5}]})
    with pytest.raises(CriteriaRefused, match="is no kind of requirement"):
        require({"credit": "1"}, kind="hours")
    require({"credit": "1"})
    with pytest.raises(CriteriaRefused, match="DIPLOMA is a graduation requirement"):
        require({"credit": "1"}, kind="pathway")


def test_progress_to_many_requirements_takes_as_many_queries_as_to_one(django_assert_num_queries):
    by, learner, _, _, (one, two) = ground()
    master(by, learner, one)
    trees = [{"all": [{"credit": str(number)}, {"competency": str(two.uuid), "level": "proficient"}]} for number in range(1, 20)]
    for number, tree in enumerate(trees):
        require(tree, code=f"R{number:02}")
        if number in (0, 18):
            with acting_as("area_learning"), django_assert_num_queries(4):
                assert len(progress_of(learner.pk, day=day(50))) == number + 1


def test_a_waiver_is_a_dated_fact_on_a_school_with_an_end():
    place = school()
    by = administrator(district())
    fields = {"school_id": place.pk, "authority": "RSA 193-C:3, decision of 2025-06-01", "decided_by": by.pk, "at": noon(1)}
    made = waive_seat_time(starts_on=day(10), ends_on=day(20), **fields)
    assert [list(waivers_on(place.pk, day(number))) for number in (9, 10, 19, 20)] == [[], [made], [made], []]
    assert list(waivers_on(school("S2").pk, day(15))) == []
    with pytest.raises(WaiverRefused, match="ends after it starts"):
        waive_seat_time(starts_on=day(10), ends_on=day(10), **fields)
    with pytest.raises(WaiverRefused, match="Name the authority"):
        waive_seat_time(starts_on=day(10), ends_on=day(20), **fields | {"authority": " "})
    with pytest.raises(WaiverRefused, match="There is no such school"):
        waive_seat_time(starts_on=day(10), ends_on=datetime.date(2030, 1, 1), **fields | {"school_id": district().pk})
