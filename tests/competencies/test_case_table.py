"""Frameworks and prerequisites as plain tables, and the commands."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from competencies.actions.import_prerequisites import import_prerequisites
from competencies.calc.framework_content import PackageRefused, RowRefused
from competencies.calc.grade_range import grade_range
from competencies.exchange.prerequisites_csv import PrerequisiteRow, read_prerequisites
from competencies.models import Association, Competency, Framework
from competencies.queries.frameworks import competency_graph, framework_tree
from tests.competencies.case_packages import AT, package, take

pytestmark = pytest.mark.django_db
TABLE = b"""code,parent,grade,statement,after
5,,5,Grade 5,
5.B,5,5,"Add, and subtract",
5.A,5,4-5,Count,5.B
9,,9,Grade 9,5.A 5.B
"""
OURS = sorted((Path(settings.BASE_DIR) / "demonstration" / "frameworks").glob("*.csv"))


def ran(command, *arguments):
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def edges():
    graph = competency_graph()
    return {(graph.nodes[a].code, graph.nodes[b].code) for a, b in graph.precedes}


def test_a_table_becomes_a_tree_with_grades_and_prerequisites_in_the_order_of_its_lines():
    changes = take(TABLE, title="Numbers")
    assert [changes.refused, changes.warnings, len(changes.added)] == [[], [], 4]
    tree = framework_tree(Framework.objects.get(title="Numbers"))
    assert [(one.node.code, one.node.depth, one.node.grades) for one in tree] == [
        ("5", 0, (5, 5)), ("5.B", 1, (5, 5)), ("5.A", 1, (4, 5)), ("9", 0, (9, 9)),
    ]  # fmt: skip
    assert edges() == {("5.B", "5.A"), ("5.A", "9"), ("5.B", "9")}
    assert not take(TABLE, title="Numbers").is_change


def test_an_edited_table_is_a_difference_like_any_other():
    take(TABLE, title="Numbers")
    changes = take(TABLE.replace(b"Count", b"Count on").replace(b"9,,9,Grade 9,5.A 5.B\n", b"8,,8,Grade 8,\n"), title="Numbers")
    assert [[one.code for one in part] for part in (changes.added, changes.changed, changes.retired)] == [["8"], ["5.A"], ["9"]]


def test_bad_lines_are_named_with_the_way_out_and_good_ones_kept():
    bad = b'A,,5,"broken\nB,,5,\nC,,13,Thing\nD,X,5,Thing,Y\nD,,5,Again,\n,,5,No code,\nE F,,5,Spaced,\nG,,5,Good,\n'
    changes = take(
        b"code,parent,grade,statement,after\n" + bad.replace(b"B,,5,", b"B,,5,,").replace(b"C,,13,Thing", b"C,,13,Thing,"), title="T"
    )
    assert [one.where for one in changes.refused] == [f"line {number}" for number in (2, 3, 4, 6, 7, 8)]
    assert [one.code for one in changes.added] == ["D", "G"]
    assert [line.split(":")[0] for line in changes.warnings[:2]] == [
        "Parent 'X' is no code of this table; the line stands under the document",
        "Prerequisite 'Y' is no code of this table; passed over",
    ]


def test_prerequisites_that_go_in_a_circle_are_told_and_kept_as_they_were_said():
    changes = take(b"code,statement,after\nA,a,C\nB,b,A\nC,c,B\nD,d,A\n", title="T")
    (told,) = changes.warnings
    assert "in the column after go in a circle: " in told
    assert all(code in told.partition("circle: ")[2] for code in "ABC")
    assert "D" not in told.partition("circle: ")[2]
    assert len(edges()) == 4


@pytest.mark.parametrize(
    ("content", "title", "words"),
    [
        (TABLE, "", "give its title"),
        (b"code,name\n1,2\n", "T", "lacks statement; has unknown name"),
        (b"code,statement,code\n", "T", "twice"),
        (b"code,statement,parent\nA,a,B\nB,b,A\n", "T", "goes in a circle"),
    ],
)
def test_what_is_no_table_of_a_framework_is_refused_in_words(content, title, words):
    with pytest.raises(PackageRefused, match=words):
        take(content, title=title)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_our_own_frameworks_are_taken_whole(path):
    changes = take(path, title=path.stem)
    assert [changes.refused, [line for line in changes.warnings if "grade" not in line]] == [[], []]
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert len(changes.added) == len(rows)
    assert edges() == {(before, row["code"]) for row in rows for before in row["after"].split()}


def test_grades_are_read_in_the_words_of_publishers():
    said = [["KG"], ["PK", "01"], ["9-12"], ["Grade 3"], ["K", "2"], ["HS"], [], ["03", "college"], ["13"]]
    assert [tuple(grade_range(words)[:2]) for words in said] == [
        (0, 0), (-1, 1), (9, 12), (3, 3), (0, 2), (None, None), (None, None), (3, 3), (None, None),
    ]  # fmt: skip
    assert grade_range(["03", "college"]).others == ["college"]


def test_prerequisites_come_in_once_by_code_or_identifier_and_no_package_retires_them():
    take(package(["A", "B", "C"]))
    framework = Framework.objects.get().uuid
    rows = read_prerequisites(f"prerequisite,competency\nA,B\n{Competency.objects.get(code='B').uuid},C\n".encode())
    assert import_prerequisites(framework=framework, rows=rows, at=AT, apply=False).added == 2
    assert edges() == set()
    assert import_prerequisites(framework=framework, rows=rows, at=AT).added == 2
    assert edges() == {("A", "B"), ("B", "C")}
    again = import_prerequisites(framework=framework, rows=rows, at=AT)
    assert [again.added, again.unchanged] == [0, 2]
    take(package(["A", "B", "C"]))
    take(package(["A", "B", "C", "D"]))
    assert edges() == {("A", "B"), ("B", "C")}


def test_prerequisites_that_do_not_fit_are_refused_by_line_and_the_others_kept():
    take(package(["A", "B", "C"]))
    Competency.objects.filter(code="C").update(code="B2")
    rows = read_prerequisites(b"prerequisite,competency\nA,B\nB,A\nA,Z\nA\nB2,B2\nB,B2\n")
    done = import_prerequisites(framework=Framework.objects.get().uuid, rows=rows, at=AT)
    assert done.added == 2
    assert {one.where for one in done.refused} == {"line 3", "line 4", "line 5", "line 6"}
    assert edges() == {("A", "B"), ("B", "B2")}


def test_a_whole_list_retires_the_pairs_that_it_leaves_out_and_they_may_return():
    take(package(["A", "B", "C"]))
    framework = Framework.objects.get().uuid
    both = [PrerequisiteRow("line 2", "A", "B"), PrerequisiteRow("line 3", "B", "C")]
    import_prerequisites(framework=framework, rows=both, at=AT)
    assert import_prerequisites(framework=framework, rows=[*both[:1], RowRefused("line 3", "x")], at=AT, replace=True).retired == 0
    assert import_prerequisites(framework=framework, rows=both[:1], at=AT, replace=True).retired == 1
    assert edges() == {("A", "B")}
    turned = [PrerequisiteRow("line 2", "B", "A")]
    done = import_prerequisites(framework=framework, rows=turned, at=AT, replace=True)
    assert [done.added, done.retired, done.refused] == [1, 1, []]
    assert import_prerequisites(framework=framework, rows=both, at=AT, replace=True).returned == 2
    assert edges() == {("A", "B"), ("B", "C")}
    assert Association.objects.filter(local=True).count() == 3


def test_the_commands_tell_what_they_do_and_what_they_would_do(tmp_path):
    file = tmp_path / "numbers.csv"
    file.write_bytes(TABLE)
    told = ran("import_framework", file, "--title", "Numbers", "--kind", "lifelong", "--dry-run")
    assert "Dry run: nothing was kept." in told
    assert not Framework.objects.exists()
    counts = json.loads(ran("import_framework", file, "--title", "Numbers", "--kind", "lifelong", "--json"))
    assert [counts["counts"]["added"], counts["applied"], counts["dry_run"]] == [4, True, False]
    framework = Framework.objects.get()
    assert framework.competencies.filter(kind="lifelong").count() == 4
    file.write_bytes(TABLE.replace(b"Count", b"Count on"))
    assert "5.A fullStatement: 'Count' became 'Count on'" in ran("import_framework", file, "--framework", framework.uuid)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("prerequisite,competency\n5.A,9\n9,5\n9,nothing\n")
    told = ran("import_prerequisites", pairs, "--framework", framework.uuid)
    assert "added              1" in told
    assert "pairs.csv, line 4: refused. competency: no competency in use of 'Numbers'" in told
    with pytest.raises(CommandError, match="cannot be read"):
        ran("import_framework", tmp_path / "absent.json")
    with pytest.raises(CommandError, match=r"numbers\.csv: .* Nothing was taken"):
        ran("import_framework", file)
