"""Every method equals a naive version of itself, whatever the judgements; and a level is told in words."""

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.calc.explaining import explain
from competencies.calc.level import Criterion, Entry, Judged, Scales, ScaleVersion, counted, is_mastered, level_of, read_story
from competencies.calc.rule import RuleProblem, rank_by, read_rule
from competencies.calc.scale import Draft, ScaleProblem
from tests.competencies import naive

LABELS = ("Beginning", "Developing", "Proficient", "Advanced")

ranks = st.lists(st.integers(1, 6), min_size=1, max_size=12)
weights = st.integers(1, 100).flatmap(lambda bottom: st.integers(1, bottom).map(lambda top: f"{top}/{bottom}"))
n_of_m = st.integers(1, 8).flatmap(
    lambda m: st.fixed_dictionaries({"n": st.integers(1, m), "m": st.just(m), "below": st.sampled_from(["most_recent", "lowest"])})
)
rules = st.one_of(
    st.tuples(st.sampled_from(["most_recent", "highest", "mean", "most_frequent"]), st.just({})),
    st.tuples(st.just("decaying_average"), st.fixed_dictionaries({"weight": weights})),
    st.tuples(st.just("n_of_m"), n_of_m),
)
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
FIRST = datetime.datetime(2025, 9, 1, 0, tzinfo=datetime.UTC)


def version(number=1, method="most_recent", parameters=None, carried=None, labels=LABELS, proficient=3):
    return ScaleVersion(number * 10, 1, number, labels, proficient, read_rule(method, parameters or {}), carried or {})


@given(rules, ranks)
def test_a_method_equals_its_naive_version(rule, judged):
    method, parameters = rule
    assert rank_by(read_rule(method, parameters), judged) == naive.combine(method, parameters, judged)


@given(rules, ranks)
def test_a_method_stays_between_the_lowest_and_the_highest_judged(rule, judged):
    assert min(judged) <= rank_by(read_rule(*rule), judged) <= max(judged)


judgments = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 5), st.integers(0, 150), st.none() | st.integers(1, 150), st.booleans()),
    min_size=1, max_size=9,
)  # fmt: skip


def both(rows, with_overrides):
    """The same judgements as the product and as the naive version take them."""
    ours, plain = [], []
    for pk, (rank, worked, recorded, withdrawn, second) in enumerate(rows, start=1):
        kind = "override" if with_overrides and pk % 3 == 0 else "judgment"
        recorded_at = FIRST + recorded * HOUR
        gone = recorded_at + withdrawn * HOUR if withdrawn else None
        worked_on = (FIRST + worked * DAY).date()
        known = 20 if second else 10
        ours.append(Judged(pk, Entry(known, rank, kind == "override"), kind, worked_on, recorded_at, 1, "", gone and gone.date()))
        plain.append({"id": pk, "version": known, "rank": rank, "kind": kind, "worked_on": worked_on, "recorded_at": recorded_at,
                      "withdrawn_at": gone})  # fmt: skip
    return ours, plain


@given(judgments, rules, rules, st.booleans(), st.none() | st.integers(0, 8), st.randoms())
def test_a_level_equals_that_of_the_plain_telling_today_and_on_any_day(rows, first, second, overrides, after, chance):
    carried = {1: 1, 2: 2, 3: 2, 4: 3}
    scales = Scales([version(1, *first), version(2, *second, carried=carried)])
    versions = {
        10: {"number": 1, "method": first[0], "parameters": first[1], "carried": {}},
        20: {"number": 2, "method": second[0], "parameters": second[1], "carried": carried},
    }
    ours, plain = both(rows, overrides)
    day = None if after is None else (FIRST + after * DAY).date()
    chance.shuffle(ours)
    standing = counted(ours, day)
    found = level_of([one.entry for one in standing], scales) if standing else None
    assert (found and (found.version.id, found.rank)) == naive.level(versions, plain, day)


@given(judgments, rules, st.integers(0, 8))
def test_a_withdrawn_judgement_is_as_if_it_had_never_been_and_an_earlier_day_keeps_it(rows, rule, at):
    scales = Scales([version(1, *rule), version(2, *rule, carried={rank: rank for rank in range(1, 5)})])
    ours, _ = both(rows, False)
    never = [one for one in ours if one.withdrawn_on is None]
    assert counted(ours) == counted(never)
    place = at % len(ours)
    gone = ours[place]
    withdrawn_on = max(gone.recorded_at.date(), FIRST.date() + 30 * DAY)
    later = [*ours[:place], replace(gone, withdrawn_on=withdrawn_on), *ours[place + 1 :]]
    day = withdrawn_on - DAY
    if gone.withdrawn_on is None or gone.withdrawn_on > day:
        assert [one.id for one in counted(later, day)] == [one.id for one in counted(ours, day)]
    for one in (counted(ours), counted(ours, day)):
        if one:
            level_of([judged.entry for judged in one], scales)


@given(judgments)
def test_the_order_is_work_date_then_recording_then_number(rows):
    ours, _ = both(rows, False)
    keys = [(one.worked_on, one.recorded_at, one.id) for one in counted(ours)]
    assert keys == sorted(keys)


@given(judgments, rules)
def test_what_would_change_a_level_really_does(rows, rule):
    scales = Scales([version(1, *rule)])
    entries = [Entry(10, rank, False) for rank, *_ in rows]
    level = level_of(entries, scales)
    told = explain(level, entries, scales)
    assert told.words.startswith(f"{LABELS[level.rank - 1]}: ")
    assert told.contributing
    for sentence in told.would_change:
        if "at level" in sentence:
            count = 1 if sentence.startswith("One") else int(sentence.split()[0])
            rank = int(sentence.split("at level ")[1][0])
            if "higher level" not in sentence:
                after = level_of([*entries, *[Entry(10, rank, False)] * count], scales)
                assert sentence.endswith(f"would make it {LABELS[after.rank - 1]}.")
                assert after.rank != level.rank


@pytest.mark.parametrize(
    ("method", "parameters", "judged", "words"),
    [
        ("most_recent", {}, [1, 3], "Proficient: the newest of 2 judgements."),
        ("highest", {}, [1, 4, 2], "Advanced: the highest of 3 judgements."),
        ("mean", {}, [2, 3], "Proficient: the mean of 2 judgements is 5/2 (2.50), rounded half up to level 3."),
        ("n_of_m", {"n": 3, "m": 4, "below": "lowest"}, [1, 3, 4, 2, 3], "Proficient: 3 of the last 4 at level 3 or above."),
        (
            "n_of_m",
            {"n": 3, "m": 4, "below": "most_recent"},
            [1, 3],
            "Proficient: 2 judgements so far and 3 are needed; until then the newest counts.",
        ),
        ("most_frequent", {}, [3, 2, 3, 2], "Developing: judged 2 of 4 times, as often as another, and later."),
        (
            "decaying_average",
            {"weight": "65/100"},
            [1, 4],
            "Proficient: the newest of 2 judgements weighs 13/20, those before it the rest, and so on back; that makes "
            "59/20 (2.95), rounded half up to level 3.",
        ),
    ],
)
def test_a_level_is_explained_in_words(method, parameters, judged, words):
    scales = Scales([version(1, method, parameters)])
    entries = [Entry(10, rank, False) for rank in judged]
    assert explain(level_of(entries, scales), entries, scales).words == words


def test_what_would_change_it_is_told_in_words():
    entries = [Entry(10, rank, False) for rank in (3, 3, 2, 2)]
    scales = Scales([version(1, "n_of_m", {"n": 3, "m": 4, "below": "lowest"})])
    assert explain(level_of(entries, scales), entries, scales).would_change == [
        "3 further judgements at level 3 (Proficient) would make it Proficient."
    ]
    scales = Scales([version(1)])
    assert explain(level_of(entries, scales), entries, scales).would_change == [
        "One further judgement at level 3 (Proficient) would make it Proficient.",
        "One further judgement at level 1 (Beginning) would make it Beginning.",
    ]


def test_a_story_is_read_as_it_is_written():
    assert read_story("7:3 9:2!") == [Entry(7, 3, False), Entry(9, 2, True)]


def test_an_individual_criterion_is_carried_with_the_scale_it_was_set_in():
    scales = Scales([version(1), version(2, carried={1: 1, 2: 3, 3: 4, 4: 5}, labels=(*LABELS, "Expert"), proficient=4)])
    old, new = level_of([Entry(10, 2, False)], scales), level_of([Entry(20, 3, False)], scales)
    assert not is_mastered(old, scales, None)
    assert is_mastered(old, scales, Criterion(10, 2))
    assert is_mastered(new, scales, Criterion(10, 2))
    assert not is_mastered(old, scales, Criterion(20, 4))


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("median", {}),
        ("mean", {"weight": "1/2"}),
        ("decaying_average", {}),
        ("decaying_average", {"weight": "0/1"}),
        ("decaying_average", {"weight": "3/2"}),
        ("decaying_average", {"weight": 0.65}),
        ("decaying_average", {"weight": "1/0"}),
        ("n_of_m", {"n": 5, "m": 4, "below": "lowest"}),
        ("n_of_m", {"n": True, "m": 4, "below": "lowest"}),
        ("n_of_m", {"n": 1, "m": 4, "below": "zero"}),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(method, parameters):
    with pytest.raises(RuleProblem):
        read_rule(method, parameters)


@pytest.mark.parametrize(
    "change",
    [
        {"levels": [{"label": "Only"}]},
        {"levels": [{"label": "A"}, {"label": "a "}]},
        {"levels": [{"label": "A"}, {"label": ""}]},
        {"levels": [{"label": "A"}, {"label": "B", "score": 1}]},
        {"proficient_rank": 5},
        {"carried_from": {1: 1, 2: 2, 3: 3}},
        {"carried_from": {1: 2, 2: 1, 3: 3, 4: 4}},
        {"carried_from": {1: 1, 2: 2, 3: 3, 4: 9}},
        {"levels": [{"label": "A"}, {"label": "B"}, {"label": "C"}]},
    ],
)
def test_a_draft_that_makes_no_scale_is_refused(change):
    whole = {"levels": [{"label": label} for label in LABELS], "proficient_rank": 3, "method": "most_recent"}
    with pytest.raises(ScaleProblem):
        Draft(**whole | change).carries(4)
