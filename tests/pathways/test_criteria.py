"""Criteria trees: what is read, what is refused and where, how progress is told. Pure: no database."""

import json
import uuid
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pathways.calc.criteria import (
    CriteriaError,
    Earned,
    Shown,
    Standing,
    as_data,
    evaluate,
    read_tree,
)

ONE, TWO, THREE = (uuid.UUID(int=number) for number in (1, 2, 3))


def mastery(competency, level="proficient"):
    return {"competency": str(competency), "level": level}


def shown(rank, mastered=None):
    return Shown("C.1", "Can do it", rank, f"Level {rank}", mastered=rank >= 3 if mastered is None else mastered, judgments=(7,))


def progress(tree, credit_leaves=False, **standing):
    return evaluate(read_tree(tree, credit_leaves=credit_leaves), Standing(**standing))


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (None, "the tree: expected an object with one of all, any, competency, assessment, found nothing."),
        ([], "the tree: expected an object with one of all, any, competency, assessment, found a list of 0."),
        ({}, "the tree: expected exactly one of all, any, competency, assessment, found nothing."),
        ({"all": [], "any": []}, "the tree: expected exactly one of all, any, competency, assessment, found all and any."),
        ({"hours": 120}, "the tree: expected exactly one of all, any, competency, assessment, found 'hours'."),
        ({"completions": 8}, "the tree: expected exactly one of all, any, competency, assessment, found 'completions'."),
        ({"all": []}, "all: expected a list with at least one entry, found a list of 0."),
        ({"all": {"any": []}}, "all: expected a list with at least one entry, found an object."),
        ({"all": [mastery(ONE), {"any": [mastery("x")]}]}, "all[1].any[0].competency: expected a competency's uuid, found 'x'."),
        ({"all": [{"competency": 5, "level": 1}]}, "all[0].competency: expected a competency's uuid, found 5."),
        ({"all": [{"competency": str(ONE)}]}, 'all[0]: key "level" is missing; write "proficient" or a rank.'),
        (mastery(ONE, True), 'level: expected "proficient" or a rank from 1 on, found True.'),
        (mastery(ONE, 0), 'level: expected "proficient" or a rank from 1 on, found 0.'),
        (mastery(ONE, "good"), "level: expected \"proficient\" or a rank from 1 on, found 'good'."),
        ({"any": [mastery(ONE)], "at_least": 2}, "at_least: expected a whole number from 1 to 1, found 2."),
        ({"any": [mastery(ONE)], "at_least": True}, "at_least: expected a whole number from 1 to 1, found True."),
        (
            {"all": [mastery(ONE)], "at_least": 1},
            "the tree: unknown key 'at_least' beside 'all'; known here: all.",
        ),
        ({"any": [mastery(ONE), mastery(TWO), mastery(ONE)]}, "any[2]: says the same as any[0]; keep one."),
        ({"assessment": " "}, "assessment: expected a code of 1 to 60 characters, found ' '."),
        (
            {"credit": "1"},
            "the tree: expected exactly one of all, any, competency, assessment, found 'credit'.",
        ),
    ],
)
def test_a_tree_that_cannot_be_meant_is_refused_with_its_place(tree, told):
    with pytest.raises(CriteriaError) as refused:
        read_tree(tree)
    assert str(refused.value) == told


@pytest.mark.parametrize("credit", [1, 0.5, "0", "1/0", "-1", "0.5", " 1", "1/2/3", None, "9999999"])
def test_credit_is_an_exact_fraction_in_quotes_or_refused(credit):
    with pytest.raises(CriteriaError, match=r"^credit: expected a fraction above 0 in quotes"):
        read_tree({"credit": credit}, credit_leaves=True)


def test_a_tree_without_bottom_is_refused_before_it_costs_anything():
    deep = mastery(ONE)
    for _ in range(13):
        deep = {"all": [deep]}
    with pytest.raises(CriteriaError, match=r"deeper than 12; flatten it\.$"):
        read_tree(deep)
    with pytest.raises(CriteriaError, match="more than 2,000 places"):
        read_tree({"all": [mastery(uuid.UUID(int=number)) for number in range(2_001)]})


def test_progress_says_how_much_is_met_of_what_is_needed_and_what_is_missing():
    tree = {"all": [mastery(ONE), {"any": [mastery(TWO), mastery(THREE, 4), {"assessment": "DEFENCE"}], "at_least": 2}]}
    now = progress(tree, competencies={ONE: shown(3), TWO: shown(4), THREE: shown(3)})
    assert (now.met, now.words) == (False, "1 of 2 met")
    assert [leaf.words for leaf in now.leaves()] == [
        "C.1: Level 3 (level 3), met",
        "C.1: Level 4 (level 4), met",
        "C.1: Level 3 (level 3); level 4 is needed",
        "Assessment DEFENCE: not attested yet",
    ]
    assert now.parts[1].words == "1 of 2 (any of 3) met"
    then = progress(tree, competencies={ONE: shown(3), TWO: shown(4)}, attested={"DEFENCE": ((uuid.UUID(int=9),), "2026-05-01")})
    assert then.met
    assert json.loads(json.dumps(as_data(then)))["parts"][1]["parts"][2]["trace"]["attestations"] == [str(uuid.UUID(int=9))]


def test_no_evidence_is_no_level_and_is_told_so():
    now = progress(mastery(ONE, 1), competencies={ONE: Shown("C.1", "Can do it")})
    assert (now.met, now.words) == (False, "C.1: no evidence yet; level 1 is needed")


def test_an_individual_criterion_counts_where_mastery_is_asked_and_not_where_a_rank_is():
    below = {ONE: shown(2, mastered=True)}
    assert progress(mastery(ONE), competencies=below).met
    assert not progress(mastery(ONE, 3), competencies=below).met


def test_credit_of_a_requirement_is_counted_exactly_and_of_the_named_courses_alone():
    thirds = [Earned("MATH", Fraction(1, 3), uuid.UUID(int=number)) for number in range(3)]
    tree = {"all": [{"credit": "1", "courses": ["MATH"]}, {"credit": "3/2"}]}
    now = progress(tree, credit_leaves=True, credits=[*thirds, Earned("ART", Fraction(1, 4), uuid.UUID(int=5))])
    assert [leaf.words for leaf in now.leaves()] == ["1 of 1 credits in MATH", "5/4 of 3/2 credits"]
    assert [leaf.met for leaf in now.leaves()] == [True, False]


trees = st.recursive(
    st.builds(mastery, st.integers(0, 5).map(lambda number: uuid.UUID(int=number)), st.sampled_from(["proficient", 1, 2, 4])),
    lambda below: st.lists(below, min_size=1, max_size=4, unique_by=lambda tree: json.dumps(tree, sort_keys=True)).flatmap(
        lambda parts: st.one_of(
            st.just({"all": parts}),
            st.integers(1, len(parts)).map(lambda least: {"any": parts, "at_least": least}),
        )
    ),
    max_leaves=12,
)
states = st.dictionaries(st.integers(0, 5).map(lambda number: uuid.UUID(int=number)), st.integers(1, 4).map(shown))


def naive(tree, state):
    """Whether a tree is met, by the shortest way there is."""
    if "all" in tree:
        return all(naive(part, state) for part in tree["all"])
    if "any" in tree:
        return [naive(part, state) for part in tree["any"]].count(True) >= tree["at_least"]
    rank = state[uuid.UUID(tree["competency"])].rank if uuid.UUID(tree["competency"]) in state else 0
    return rank >= (3 if tree["level"] == "proficient" else tree["level"])


def readable(tree):
    """The tree as read; passed over where chance stated one part twice in two ways ("all" as "any of all")."""
    try:
        return read_tree(tree)
    except CriteriaError:
        assume(False)


@given(trees, states)
def test_a_tree_is_met_as_a_plain_reading_of_it_says(tree, state):
    assert evaluate(readable(tree), Standing(competencies=state)).met == naive(tree, state)


@given(trees, states, states)
def test_more_shown_never_meets_less(tree, state, more):
    both = {key: max(state.get(key, shown(1)), more.get(key, shown(1)), key=lambda one: one.rank) for key in {*state, *more}}
    node = readable(tree)
    before, after = evaluate(node, Standing(competencies=state)), evaluate(node, Standing(competencies=both))
    assert after.met or not before.met
    assert after.done >= before.done


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(str(ONE)),
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(
            st.sampled_from(["all", "any", "at_least", "competency", "level", "assessment", "credit", "courses", "x"]),
            below,
            max_size=3,
        )
    ),
    max_leaves=20,
)


@given(anything)
def test_whatever_is_sent_is_read_or_refused_in_one_short_sentence(data):
    try:
        evaluate(read_tree(data, credit_leaves=True), Standing())
    except CriteriaError as refused:
        told = str(refused)
    else:
        return
    assert len(told) < 700
    assert told.endswith(".")
