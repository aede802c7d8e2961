"""calc/path.py: what leads to what, and in which order to learn it."""

from hypothesis import given
from hypothesis import strategies as st

from pathways.calc.path import Ground, Spot, Step, Why, descendants, in_order, lay_out, leading_to, units


def ground(*spots, tree=None, **before):
    """Spots by (id, grade); `_8=[7, 6]` says that 7 and 6 precede 8."""
    return Ground(
        {pk: Spot(pk, lowest_grade=grade, highest_grade=grade, position=place) for place, (pk, grade) in enumerate(spots)},
        tree or {},
        {int(name[1:]): tuple(ones) for name, ones in before.items()},
    )


def chain(first, last):
    return ground(*((n, n) for n in range(first, last + 1)), **{f"_{n}": [n - 1] for n in range(first + 1, last + 1)})


@st.composite
def grounds(draw):
    ids = list(range(draw(st.integers(1, 14))))
    edges = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=40))
    before: dict[int, set[int]] = {}
    for origin, earlier in edges:
        before.setdefault(origin, set()).add(earlier)
    grades = st.one_of(st.none(), st.integers(-1, 12))
    spots = {pk: Spot(pk, lowest_grade=draw(grades), position=draw(st.integers(0, 5))) for pk in ids}
    return Ground(spots, {}, before)


@given(grounds(), st.sets(st.integers(0, 13)), st.dictionaries(st.integers(0, 13), st.integers(0, 3)))
def test_everything_stands_after_all_that_leads_to_it_unless_they_lead_to_each_other(some, wanted, ranks):
    order = in_order(some, wanted, ranks)
    assert sorted(order) == sorted(wanted & set(some.spots))
    place = {pk: number for number, pk in enumerate(order)}
    for pk in order:
        for earlier in leading_to(some, [pk]) & set(order):
            assert place[earlier] <= place[pk] or pk in leading_to(some, [earlier])


@given(grounds(), st.randoms())
def test_the_order_is_the_same_however_the_input_is_shuffled(some, chance):
    spots = list(some.spots.items())
    chance.shuffle(spots)
    before = list(some.before.items())
    chance.shuffle(before)
    shuffled = Ground(dict(spots), {}, {pk: sorted(ones, key=lambda _: chance.random()) for pk, ones in before})
    assert in_order(some, some.spots) == in_order(shuffled, list(shuffled.spots))


@given(grounds(), st.sets(st.integers(0, 13)), st.dictionaries(st.integers(0, 13), st.booleans()))
def test_a_path_holds_every_gap_that_leads_to_a_target_and_nothing_mastered(some, targets, mastered):
    targets &= set(some.spots)
    laid = lay_out(some, targets, mastered)
    on_path = {step.competency for step in laid.steps}
    reach = leading_to(some, targets)
    assert {step.competency for step in laid.steps if step.why == Why.GAP} == {pk for pk in reach if mastered.get(pk) is False}
    assert not {pk for pk in on_path if mastered.get(pk)}
    assert not on_path & set(laid.not_checked)
    assert lay_out(some, targets, {**mastered, **dict.fromkeys(reach, True)}) == lay_out(some, (), {})


def test_without_prerequisites_the_grade_band_and_then_the_place_order_it():
    assert in_order(ground((3, 8), (1, 5), (2, 5), (4, None)), [1, 2, 3, 4]) == [1, 2, 3, 4]
    assert in_order(ground((9, 8), (2, 5), (1, 5)), [1, 2, 9]) == [2, 1, 9]


def test_gaps_are_found_however_many_grades_below():
    laid = lay_out(chain(1, 8), [8], {8: False, 5: False, 4: True})
    assert laid.steps == (Step(5, Why.GAP), Step(6, Why.NOT_SHOWN), Step(7, Why.NOT_SHOWN), Step(8, Why.GAP))
    assert laid.not_checked == ()


def test_what_nobody_looked_at_below_the_lowest_gap_is_named_and_not_laid_out():
    laid = lay_out(chain(3, 8), [8], {8: False, 5: False})
    assert [step.competency for step in laid.steps] == [5, 6, 7, 8]
    assert laid.not_checked == (3, 4)


def test_what_leads_to_something_mastered_is_presumed_but_a_judged_gap_is_never():
    assert [step.competency for step in lay_out(chain(3, 8), [8], {7: True}).steps] == [8]
    assert [step.competency for step in lay_out(chain(3, 8), [8], {7: True, 4: False}).steps] == [4, 8]


def test_what_lies_between_something_mastered_and_a_gap_is_on_the_path():
    assert lay_out(chain(3, 8), [8], {8: False, 5: True}).steps == (Step(6, Why.NOT_SHOWN), Step(7, Why.NOT_SHOWN), Step(8, Why.GAP))


def test_a_cycle_is_one_step_and_harms_nothing():
    some = ground((1, 1), (2, 2), (3, 3), (4, 4), _2=[1, 3], _3=[2], _4=[3], _1=[1])
    assert in_order(some, [4, 3, 2, 1]) == [1, 2, 3, 4]
    assert [step.competency for step in lay_out(some, [4], {}).steps] == [4]
    assert in_order(chain(0, 5000), [5000, 0, 2500]) == [0, 2500, 5000]


def test_a_rank_pulls_forward_what_leads_to_the_chosen_one():
    some = ground((1, 1), (2, 2), (8, 8), (9, 9), _9=[8])
    assert in_order(some, [1, 2, 8, 9], {9: 0}) == [8, 9, 1, 2]


def test_headings_are_no_units_until_somebody_names_one():
    tree = {10: [11, 12], 12: [13, 14]}
    some = ground((10, 8), (11, 8), (12, 8), (13, 8), (14, 8), tree=tree)
    assert units(some, []) == {11, 13, 14}
    assert units(some, [12]) == {11, 12}
    assert units(some, [12, 13]) == {11, 12, 13}
    assert descendants(some, [12]) == {12, 13, 14}
    assert units(ground((10, 8), (11, 8), (12, 8), (13, 8), tree=tree, _12=[11]), []) == {11, 12}


def test_what_is_retired_is_on_no_path():
    some = Ground({1: Spot(1), 2: Spot(2, retired=True), 3: Spot(3)}, {}, {3: [2], 2: [1]})
    assert [step.competency for step in lay_out(some, [3], {1: False, 2: False}).steps] == [1, 3]
