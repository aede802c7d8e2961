"""Judgements from a file: good rows kept, bad ones named, the same file again nothing new."""

import gzip
import json
import uuid

import pytest
from django.core.management import CommandError, call_command

from competencies.actions.withdraw_judgment import withdraw_judgment
from competencies.models import CurrentLevel, MasteryJudgment
from competencies.queries.levels import levels_now
from database.areas import acting_as
from tests.build_learning import class_of, competency, framework, noon

pytestmark = pytest.mark.django_db
HEADER = "student,competency,level,worked_on,judged_by,kind,reason\n"


@pytest.fixture
def ground():
    educator, students, _ = class_of(2)
    _, competencies = framework(2)
    return educator, students, competencies


@pytest.fixture
def bring(tmp_path, capsys):
    def run(text, *options):
        file = tmp_path / "judgments.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        call_command("import_judgments", str(file), "--json", *options)
        told = capsys.readouterr()
        return json.loads(told.out), told.err

    return run


def line(ground, student=0, competency=0, level="3", worked_on="2025-09-01", kind="", reason="", **other):
    educator, students, competencies = ground
    who = other.get("who", students[student].username)
    what = other.get("what", competencies[competency].uuid)
    return f"{who},{what},{level},{worked_on},{other.get('by', educator.username)},{kind},{reason}\n"


def test_good_rows_are_kept_and_bad_ones_named_by_line_and_field(ground, bring):
    bad = [
        line(ground, who="nobody"),
        line(ground, what=uuid.uuid4()),
        line(ground, what="no code of ours"),
        line(ground, level="5"),
        line(ground, worked_on="31/01/2026"),
        line(ground, worked_on="2999-01-01"),
        line(ground, by="nobody"),
        line(ground, kind="guess"),
        line(ground, kind="override"),
        '"lost quote,x,3,2025-09-01,y,,\n',
        "too,few\n",
    ]
    counts, told = bring(HEADER + line(ground) + "".join(bad) + line(ground, 1, 1, "developing"))
    assert counts == {"created": 2, "exists": 0, "refused": len(bad), "dry_run": False}
    fields = [one.split(": ")[1] for one in told.splitlines()]
    assert fields == [
        "student", "competency", "competency", "level", "worked_on", "worked_on", "judged_by", "kind", "reason", "the line",
        "the line",
    ]  # fmt: skip
    _, (one, other), (first, second) = ground
    with acting_as("area_learning"):
        levels = levels_now([one.pk, other.pk])
    assert {cell: level.label for cell, level in levels.items()} == {
        (one.pk, first.pk): "Proficient",
        (other.pk, second.pk): "Developing",
    }


def test_the_same_file_again_changes_nothing_nor_does_a_row_said_twice_nor_one_withdrawn(ground, bring):
    text = HEADER + line(ground) + line(ground) + line(ground, level="2", worked_on="2025-09-02")
    assert bring(text)[0] == {"created": 2, "exists": 1, "refused": 0, "dry_run": False}
    assert bring(text)[0] == {"created": 0, "exists": 3, "refused": 0, "dry_run": False}
    newest = MasteryJudgment.objects.latest("worked_on")
    withdraw_judgment(judgment_id=newest.pk, withdrawn_by=ground[0].pk, reason="A slip.", at=noon(10_000))
    assert bring(gzip.compress(text.encode()))[0]["created"] == 0
    assert CurrentLevel.objects.get().rank == 3


def test_people_go_by_identifier_too_and_a_competency_by_a_code_that_only_one_has(ground, bring):
    educator, (one, _), (first, second) = ground
    text = HEADER + line(ground, who=one.uuid, by=str(educator.uuid).upper(), what=first.code)
    assert bring(text)[0]["created"] == 1
    assert bring(HEADER + line(ground))[0]["exists"] == 1
    competency(framework(1)[0], code=second.code)
    counts, told = bring(HEADER + line(ground, what=second.code))
    assert counts["refused"] == 1
    assert "line 2: competency: Several frameworks have this code" in told


def test_a_username_that_looks_like_an_identifier_is_that_person(ground, bring):
    _, (one, other), _ = ground
    type(other).objects.filter(pk=other.pk).update(username=str(one.uuid))
    assert bring(HEADER + line(ground, who=one.uuid))[0]["created"] == 1
    assert MasteryJudgment.objects.get().student == other


def test_a_dry_run_counts_and_keeps_nothing(ground, bring):
    assert bring(HEADER + line(ground), "--dry-run")[0] == {"created": 1, "exists": 0, "refused": 0, "dry_run": True}
    assert MasteryJudgment.objects.count() == CurrentLevel.objects.count() == 0


@pytest.mark.parametrize(
    "text", ["", "a,b\n", HEADER.replace("student", "pupil"), b"\x1f\x8bbroken", HEADER.replace("kind", "student")]
)
def test_a_file_that_is_no_such_table_is_refused_whole(bring, text):
    with pytest.raises(CommandError):
        bring(text)
