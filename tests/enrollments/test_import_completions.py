"""manage.py import_completions: a file in the documented layout."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from enrollments.calc.completion_rows import REASONS, RowOutcome
from enrollments.exchange.outcome_report import OutcomeReport
from enrollments.models import Completion, IntakeBatch
from tests import build

pytestmark = pytest.mark.django_db
HEADER = "source_id,enrollment,assignment,completed_on,carried_over"
FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats.md"


@pytest.fixture
def enrollment():
    build.source("feed")
    return build.enrollment(build.offering(assignments=4))


@pytest.fixture
def run(tmp_path):
    def run(*lines, options=(), as_json=True):
        path, out = tmp_path / "completions.csv", io.StringIO()
        path.write_text("\n".join([HEADER, *lines]))
        arguments = ["--source", "feed", "--today", "2026-06-01", *options, *(["--json"] if as_json else [])]
        call_command("import_completions", path, *arguments, stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue()) if as_json else out.getvalue()

    return run


def test_good_rows_are_kept_and_bad_ones_listed(enrollment, run, tmp_path):
    report = tmp_path / "report.csv"
    counts = run(
        f"a,{enrollment.code},1.1,2026-01-05,",
        f"b,{enrollment.code},1.2,2026-02-30,",
        f"=c,{enrollment.code},1.3,2026-01-05,true",
        f"d,{enrollment.code},1.4,2026-01-05,true",
        options=["--report", str(report)],
    )
    assert (counts["created"], counts["refused"]) == (2, 2)
    assert list(Completion.objects.order_by("source_id").values_list("source_id", "carried_over")) == [("a", False), ("d", True)]
    with report.open(newline="") as file:
        rows = [(row["line"], row["field"], row["reason"]) for row in csv.DictReader(file)]
    assert rows == [("3", "completed_on", "not_a_date"), ("4", "source_id", "formula")]


def test_a_dry_run_tells_what_would_happen_and_keeps_nothing(enrollment, run):
    line = f"a,{enrollment.code},1.1,2026-01-05,"
    batches = IntakeBatch.objects.count()
    dry = run(line, options=["--dry-run"])
    assert (dry["created"], dry["batch"], dry["dry_run"]) == (1, None, True)
    assert (Completion.objects.count(), IntakeBatch.objects.count()) == (0, batches)
    assert run(line)["created"] == 1


def test_a_changed_row_is_shown_with_old_and_new_and_taken_only_when_asked(enrollment, run):
    run(f"a,{enrollment.code},1.1,2026-01-05,")
    changed = f"a,{enrollment.code},1.1,2026-01-04,"
    said = run(changed, as_json=False)
    assert "completions.csv, line 2, completed_on: conflict" in said
    assert "2026-01-05 on file, 2026-01-04 sent" in said
    assert Completion.objects.count() == 1
    assert run(changed, options=["--apply-changes"])["changed"] == 1
    assert Completion.objects.count() == 3


def test_an_unknown_source_is_one_error_that_lists_the_known_ones(enrollment, run):
    with pytest.raises(CommandError, match=r"no source system .nobody.\. Known are: feed"):
        run("x", options=["--source", "nobody"])


def test_a_file_without_the_header_is_one_error_that_says_what_it_must_name(enrollment, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("id,student\n1,2\n")
    with pytest.raises(CommandError, match="must name source_id, enrollment, assignment, completed_on"):
        call_command("import_completions", path, "--source", "feed")


def test_a_cell_of_the_report_cannot_run_in_a_spreadsheet(tmp_path):
    outcome = RowOutcome(2, "a", "conflict", "changed", "=field", "@detail", (("=field", "-1", "+1"),))
    with OutcomeReport(tmp_path / "report.csv", say=print) as report:
        report.add("=HYPERLINK(1).csv", outcome)
    with (tmp_path / "report.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=HYPERLINK(1).csv" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]


def test_every_reason_is_explained_where_the_formats_are():
    text = FORMATS.read_text()
    assert set(REASONS) - set(re.findall(r"`(\w+)`", text)) == set()
