"""Five hundred students at random: every level, now and as known on any day, equals the plain telling from the journal; a
scale's edit changes none of them, and its preview names exactly those whom it would change."""

import datetime
import random

import pytest

from competencies.actions.record_judgments import NewJudgment, record_judgments
from competencies.actions.release_scale_version import release_scale_version
from competencies.actions.set_individual_criterion import set_individual_criterion
from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.calc.scale import Draft
from competencies.models import IndividualCriterion, MasteryJudgment, MasteryScaleVersion
from competencies.queries.levels import levels_as_known_on, levels_now
from competencies.queries.stories import preview_scale_version
from database.areas import acting_as
from people.models import User
from tests.build_learning import NOON, START, framework, scale, teacher
from tests.competencies import naive

pytestmark = pytest.mark.django_db
STUDENTS, DAYS = 500, 40
LABELS = ("Beginning", "Developing", "Proficient", "Advanced")
FIVE = Draft(
    levels=[{"label": label} for label in ("Not yet", *LABELS)],
    proficient_rank=4,
    method="mean",
    carried_from={1: 1, 2: 3, 3: 4, 4: 5},
)
FINER = Draft(
    levels=[{"label": label} for label in ("Not yet", *LABELS)],
    proficient_rank=4,
    method="n_of_m",
    parameters={"n": 2, "m": 3, "below": "lowest"},
)


def at(day):
    return NOON + datetime.timedelta(days=day)


def a_year(chance):
    """Random judgements over DAYS days, some under a second version, some withdrawn, some overrides."""
    who = teacher()
    version = scale(method="decaying_average", weight="65/100")
    _, competencies = framework(3, version=version)
    students = User.objects.bulk_create(User(username=f"replayed-{number}", password="!") for number in range(STUDENTS))
    for day in range(DAYS):
        if day == DAYS // 2:
            release_scale_version(scale_id=version.scale_id, draft=FIVE, reason="A level below.", released_by=who.pk, at=at(day))
        highest = 4 if day < DAYS // 2 else 5
        ids = record_judgments(
            judged_by=who.pk,
            at=at(day),
            judgments=[
                NewJudgment(
                    student.pk,
                    chance.choice(competencies).pk,
                    chance.randint(1, highest),
                    START + datetime.timedelta(days=chance.randint(0, day)),
                    *(("override", "Seen by two.") if chance.random() < 0.02 else ()),
                )
                for student in chance.sample(students, 150)
            ],
        )
        for one in chance.sample(ids, 5):
            withdraw_judgment(judgment_id=one, withdrawn_by=who.pk, reason="A slip.", at=at(day + chance.randint(0, 9)))
    return who, version.scale_id, students, competencies


def plain_journal():
    cells = {}
    for row in MasteryJudgment.objects.values(
        "id", "student_id", "competency_id", "version", "rank", "kind", "worked_on", "recorded_at", "withdrawal__recorded_at"
    ):
        row["withdrawn_at"] = row.pop("withdrawal__recorded_at")
        cells.setdefault((row["student_id"], row["competency_id"]), []).append(row)
    return cells


def plain_versions(scale_id):
    return {
        row.pk: {
            "number": row.number,
            "method": row.method,
            "parameters": row.parameters,
            "carried": {int(before): now for before, now in row.carried_from.items()},
            "labels": [level["label"] for level in row.levels],
            "proficient": row.proficient_rank,
        }
        for row in MasteryScaleVersion.objects.filter(scale_id=scale_id)
    }


def plain_now(scale_id):
    versions = plain_versions(scale_id)
    found = {cell: naive.level(versions, judged) for cell, judged in plain_journal().items()}
    return {cell: level for cell, level in found.items() if level}


def told(levels):
    return {cell: (level.version_id, level.rank) for cell, level in levels.items()}


def would_change(scale_id, draft, criteria):
    """{cell: (before, after)} by the plain telling."""
    versions = plain_versions(scale_id)
    highest = max(one["number"] for one in versions.values())
    count = len(next(one for one in versions.values() if one["number"] == highest)["labels"])
    carried = draft.carried_from or {rank: rank for rank in range(1, count + 1)}
    parts = {"method": draft.method, "parameters": draft.parameters, "carried": carried, "number": highest + 1}
    versions["draft"] = parts | {"labels": [level["label"] for level in draft.levels], "proficient": draft.proficient_rank}
    changed = {}
    for cell, judged in plain_journal().items():
        if not naive.standing(judged):
            continue
        before, after = naive.level(versions, judged), naive.level(versions, judged, under="draft")
        moved = naive.carried(versions, before[1], before[0], "draft")
        reached = [before[1] >= versions[before[0]]["proficient"], after[1] >= draft.proficient_rank]
        if cell in criteria:
            version, rank = criteria[cell]
            wanted = naive.carried(versions, rank, version, "draft")
            newer = max(version, before[0], key=lambda one: versions[one]["number"])
            reached[0] = naive.carried(versions, before[1], before[0], newer) >= naive.carried(versions, rank, version, newer)
            reached[1] = after[1] >= wanted
        if moved != after[1] or reached[0] != reached[1]:
            changed[cell] = (versions[before[0]]["labels"][before[1] - 1], parts_label(versions, after), *reached)
    return changed


def parts_label(versions, level):
    return versions[level[0]]["labels"][level[1] - 1]


def test_five_hundred_students_at_random_are_replayed_to_the_day_and_an_edit_changes_none():
    chance = random.Random(20260131)
    who, scale_id, students, competencies = a_year(chance)
    versions = plain_versions(scale_id)
    journal = plain_journal()
    with acting_as("area_learning"):
        before = levels_now([student.pk for student in students])
        assert told(before) == plain_now(scale_id)
        asked = [(student, START + datetime.timedelta(days=chance.randint(-1, DAYS + 10))) for student in students]
        for student, day in asked:
            known = {competency: (level.version_id, level.rank) for competency, level in levels_as_known_on(student.pk, day).items()}
            plain = {cell[1]: naive.level(versions, judged, day) for cell, judged in journal.items() if cell[0] == student.pk}
            assert known == {competency: level for competency, level in plain.items() if level}, (student.username, day)

    with acting_as("area_learning"):
        earlier = [levels_as_known_on(student.pk, day) for student, day in asked[20:60]]
    for student in students[:20]:
        set_individual_criterion(
            student_id=student.pk, competency_id=competencies[0].pk, proficient_rank=3, reason="Own plan.", decided_by=who.pk,
            starts_on=START, at=at(DAYS),
        )  # fmt: skip
    criteria = {
        (one.student_id, one.competency_id): (one.version_id, one.proficient_rank) for one in IndividualCriterion.objects.all()
    }
    today = START + datetime.timedelta(days=DAYS)
    with acting_as("area_learning"):
        changes = preview_scale_version(scale_id=scale_id, draft=FINER, day=today)
    named = {(one.student_id, one.competency_id): (one.before, one.after, one.mastered_before, one.mastered_after) for one in changes}
    assert named == would_change(scale_id, FINER, criteria)
    assert 50 < len(named) < len(before)

    released = release_scale_version(scale_id=scale_id, draft=FINER, reason="Two of three.", released_by=who.pk, at=at(DAYS))
    with acting_as("area_learning"):
        assert told(levels_now([student.pk for student in students])) == told(before)
        assert [levels_as_known_on(student.pk, day) for student, day in asked[20:60]] == earlier
    record_judgments(judged_by=who.pk, at=at(DAYS), judgments=[NewJudgment(students[0].pk, competencies[0].pk, 5, today)])
    with acting_as("area_learning"):
        moved = levels_now([students[0].pk])[students[0].pk, competencies[0].pk]
    assert moved.version_id == released.pk
