"""Policies over learning from a file: any policy whose facts it tells, without a database; a row that cannot be meant is named."""

import gzip
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

PACKS = Path(__file__).parents[2] / "funding" / "packs"
HEADER = "provider,district,count,start_of_learning,credit,assigned,completed,low_income,special_education,grades_to_grow,passed"
ROWS = [
    "P1,D1,10,2025-09-01,1/4,6,3,true,,1,true",
    "P1,D1,,2025-09-01,1/4,6,3,,,0,",
    "P2,,2,2025-09-01,1/4,6,6,true,true,3,true",
]
NAMES = ("completion", "growth-weighted", "need-weighted", "milestone")


def simulate(file, capsys, *names):
    base, *against = (str(PACKS / f"{name}.yaml") for name in names or NAMES)
    call_command("simulate", policy=base, against=against, facts=str(file), json=True)
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def written(tmp_path):
    def write(*rows, header=HEADER, name="learning.csv"):
        file = tmp_path / name
        file.write_text("\n".join([header, *rows]) + "\n")
        return file

    return write


def test_a_file_is_priced_without_a_database_also_by_a_policy_that_asks_more_than_the_record_holds(written, capsys):
    report = simulate(written(*ROWS), capsys)
    # By hand: 986.88 / 4 = 246.72 a module; half of it 123.36, times 1.15 for a grade level to grow 141.86, times 1.25 154.20.
    assert report["units"] == 13
    p1, p2 = report["by_provider"]
    assert [cell["amount"] for cell in p1["policies"]] == ["1356.96", "1541.96", "1665.36", "2467.20"]
    # Each of the two: 246.72; times 1.50; times 1.45 = 357.744; and all of it for having passed.
    assert [cell["amount"] for cell in p2["policies"]] == ["493.44", "740.16", "715.48", "493.44"]
    groups = {row["name"]: row["units"] for row in report["by_group"]}
    assert groups == {"low_income": 12, "special_education": 2, "no_need": 1}
    assert report["learning"] == {"file": "learning.csv"}


def test_packed_and_as_objects_a_line_it_is_the_same(written, tmp_path, capsys):
    plain = simulate(written(*ROWS), capsys)
    packed = tmp_path / "learning.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "learning.csv").read_bytes()))
    objects = tmp_path / "learning.ndjson"
    names = HEADER.split(",")
    objects.write_text(
        "".join(json.dumps({name: cell for name, cell in zip(names, row.split(","), strict=True) if cell}) + "\n" for row in ROWS)
    )
    for other in (packed, objects):
        assert simulate(other, capsys) | {"learning": None, "cases": 0} == plain | {"learning": None, "cases": 0}


def test_the_order_of_the_rows_changes_nothing(written, capsys):
    assert simulate(written(*ROWS), capsys) == simulate(written(*reversed(ROWS)), capsys)


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        (["P1,D1,1,2025-09-01,0.25,six,3,,,0,"], HEADER, "learning.csv, line 2: 'assigned' is 'six'; expected a number"),
        ([ROWS[0], ",D1,1,2025-09-01,1/4,6,3,,,0,"], HEADER, "learning.csv, line 3: `provider` is the provider's code"),
        (["P1,D1,0,2025-09-01,1/4,6,3,,,0,"], HEADER, "line 2: `count` is a whole number above 0"),
        (["P1,D1,1,2025-09-01,1/4,6,,,,0,"], HEADER, r"line 2: .*line counted needs the fact 'completed'"),
        (["P1,D1,1,2025-09-01,1/4,6"], HEADER, "line 2: It has 6 cells; the header has 11"),
        (["P1,1"], "provider,mastery", "has unknown mastery"),
        ([], HEADER, "has no row of learning"),
    ],
)
def test_a_row_that_cannot_be_meant_is_named_and_nothing_is_summed(written, rows, header, said, capsys):
    with pytest.raises(CommandError, match=said):
        simulate(written(*rows, header=header), capsys)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"provider": "P1", "mastery": 1}', "line 1: 'mastery' is no fact of these policies"),
        ('{"provider": "P1", "provider": "P2"}', "line 1: provider Name each field once"),
        ('{"provider": "P1", "start_of_learning": "2025-09-01", "credit": 0.25, "assigned": 6, "completed": 3}', "never a float"),
        ("[]", "line 1: It is no object"),
    ],
)
def test_an_object_that_cannot_be_meant_is_named(tmp_path, line, said, capsys):
    file = tmp_path / "learning.ndjson"
    file.write_text(line)
    with pytest.raises(CommandError, match=said):
        simulate(file, capsys)


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    for name in ("none.csv", "none.ndjson"):
        with pytest.raises(CommandError, match=f"{name} cannot be opened: No such file"):
            simulate(tmp_path / name, capsys)
