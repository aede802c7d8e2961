"""manage.py import_milestones, import_needs and import_prior_learning: files in the documented layouts."""

import csv
import datetime
import io
import json
import tracemalloc

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from enrollments.actions.record_attested import record_attested
from enrollments.calc.attested_rows import AttestedRow
from enrollments.models import AttestedMilestone, IntakeBatch, Need, PriorLearning
from people.actions.appoint import appoint
from tests import build

pytestmark = pytest.mark.django_db

HEADERS = {
    "import_milestones": "enrollment,milestone,attained_on,void",
    "import_needs": "enrollment,category,from_on,to_on,void",
    "import_prior_learning": "enrollment,measure,amount,void",
}


@pytest.fixture
def enrolled():
    """Three enrollments of the catalogue `trial`, and one of another; who attests is a counsellor."""
    appoint(username="examiner", full_name="Examiner", kind="counsellor", starts_on=build.START)
    offering = build.offering()
    build.enrollment(build.offering(code="other", catalogue="other"))
    return [build.enrollment(offering) for _ in range(3)]


@pytest.fixture
def bring(tmp_path):
    """bring(command, *lines, options) -> the command's counts as JSON, or its words."""

    def bring(command, *lines, options=(), as_json=True, catalogue="trial", by="examiner"):
        path, out = tmp_path / "facts.csv", io.StringIO()
        path.write_text("\n".join([HEADERS[command], *lines]))
        arguments = ["--catalogue", catalogue, "--attested-by", by, "--today", "2026-06-01", *options]
        call_command(command, path, *arguments, *(["--json"] if as_json else []), stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue()) if as_json else out.getvalue()

    return bring


def counted(done):
    return {name: count for name, count in done.items() if name not in ("batch", "dry_run") and count}


def milestones():
    rows = AttestedMilestone.objects.order_by("enrollment_id", "milestone", "sequence")
    return [(one.enrollment_id, one.milestone, one.attained_on.isoformat(), one.sequence) for one in rows]


def needs():
    rows = Need.objects.order_by("enrollment_id", "category", "from_on", "sequence")
    return [(one.category, one.from_on and one.from_on.isoformat(), one.to_on and one.to_on.isoformat(), one.sequence) for one in rows]


def test_good_milestones_are_kept_and_bad_ones_named_with_line_field_and_reason(enrolled, bring, tmp_path):
    report, (one, two, three) = tmp_path / "report.csv", enrolled
    done = bring(
        "import_milestones",
        f"{one.code},passed,2026-05-01,",
        f"{two.code},passed,2026-02-30,",
        f"{two.code},won,2026-05-01,",
        "E-none,passed,2026-05-01,",
        f"{two.code},passed,2026-06-02,",
        f"{three.code},passed,2025-12-31,",
        f"{three.code},achieved,2026-06-01,",
        f"{three.code},achieved,2026-05-31,",
        f"{three.code},achieved,2026-06-01,",
        f"{two.code},passed,,true",
        f"{two.code},passed,,",
        "x,y",
        options=["--report", str(report)],
    )
    assert counted(done) == {"created": 2, "exists": 1, "refused": 9}
    assert milestones() == [(one.pk, "passed", "2026-05-01", 0), (three.pk, "achieved", "2026-06-01", 0)]
    assert set(AttestedMilestone.objects.values_list("attested_by__username", "batch_id")) == {("examiner", done["batch"])}
    with report.open(newline="") as file:
        named = [(row["line"], row["field"], row["reason"]) for row in csv.DictReader(file)]
    assert named == [
        ("3", "attained_on", "not_a_date"),
        ("4", "milestone", "unknown_milestone"),
        ("5", "enrollment", "unknown_enrolment"),
        ("6", "attained_on", "future_date"),
        ("7", "attained_on", "before_enrolment"),
        ("9", "milestone", "repeated"),
        ("11", "milestone", "repeated"),
        ("12", "attained_on", "missing"),
        ("13", "", "columns"),
    ]


def test_a_day_to_come_is_refused_and_nothing_to_void_too(enrolled, bring):
    said = bring("import_milestones", f"{enrolled[0].code},passed,2026-06-02,", as_json=False)
    assert "facts.csv, line 2, attained_on: refused (future_date). Correct the day" in said
    said = bring("import_milestones", f"{enrolled[0].code},passed,,true", as_json=False)
    assert "facts.csv, line 2, void: refused (nothing_to_void)" in said
    assert milestones() == []


def test_the_same_file_again_changes_nothing_and_draws_no_batch(enrolled, bring):
    one, two, three = (one.code for one in enrolled)
    files = {
        "import_milestones": (f"{one},passed,2026-05-01,", f"{two},passed,2026-05-02,"),
        "import_needs": (f"{one},language,2026-01-01,,", f"{two},language,,2026-02-01,", f"{three},low_income,,,"),
        "import_prior_learning": (f"{one},grades_to_grow,2.5,", f"{two},grades_to_grow,-1/2,", f"{three},grades_to_grow,0,"),
    }
    for command, lines in files.items():
        first = bring(command, *lines)
        assert counted(first) == {"created": len(lines)}
        batches = IntakeBatch.objects.count()
        again = bring(command, *lines)
        assert (counted(again), again["batch"], IntakeBatch.objects.count()) == ({"exists": len(lines)}, None, batches)


def test_a_voided_milestone_stays_on_record_with_its_void_and_may_be_attested_again(enrolled, bring):
    one = enrolled[0]
    bring("import_milestones", f"{one.code},passed,2026-05-01,")
    assert counted(bring("import_milestones", f"{one.code},passed,,true")) == {"created": 1}
    assert counted(bring("import_milestones", f"{one.code},passed,,true")) == {"exists": 1}
    assert milestones() == [(one.pk, "passed", "2026-05-01", 0), (one.pk, "passed", "2026-05-01", 1)]
    bring("import_milestones", f"{one.code},passed,2026-05-20,")
    assert milestones()[2:] == [(one.pk, "passed", "2026-05-20", 2)]


def test_a_milestone_of_another_day_is_shown_and_taken_only_when_asked_as_void_and_new(enrolled, bring):
    one = enrolled[0]
    bring("import_milestones", f"{one.code},passed,2026-05-01,")
    moved = f"{one.code},passed,2026-05-03,"
    said = bring("import_milestones", moved, as_json=False)
    assert "attained_on: conflict (changed). attained_on: 2026-05-01 on file, 2026-05-03 sent" in said
    assert len(milestones()) == 1
    assert counted(bring("import_milestones", moved, options=["--apply-changes"])) == {"changed": 1}
    assert milestones() == [(one.pk, "passed", f"2026-05-0{day}", sequence) for sequence, day in enumerate((1, 1, 3))]


def test_a_need_gets_its_end_as_void_and_new_and_is_withdrawn_by_a_void(enrolled, bring):
    one = enrolled[0].code
    bring("import_needs", f"{one},language,2026-01-01,,", f"{one},low_income,,,")
    ended = f"{one},language,2026-01-01,2026-04-30,"
    assert counted(bring("import_needs", ended)) == {"conflict": 1}
    assert counted(bring("import_needs", ended, options=["--apply-changes"])) == {"changed": 1}
    assert counted(bring("import_needs", f"{one},low_income,,,true")) == {"created": 1}
    assert needs() == [
        ("language", "2026-01-01", None, 0),
        ("language", "2026-01-01", None, 1),
        ("language", "2026-01-01", "2026-04-30", 2),
        ("low_income", None, None, 0),
        ("low_income", None, None, 1),
    ]
    said = bring(
        "import_needs", f"{one},poverty,,,", f"{one},language,2026-07-01,,", f"{one},language,,2025-01-01,true", as_json=False
    )
    assert "line 2, category: refused (not_allowed)" in said
    assert "line 3, from_on: refused (future_date)" in said
    assert "line 4, void: refused (nothing_to_void)" in said
    assert "line 2, to_on: refused (ends_before_start)" in bring(
        "import_needs", f"{one},language,2026-02-01,2026-01-01,", as_json=False
    )


def test_prior_learning_is_exact_the_latest_counts_and_a_void_takes_it_back(enrolled, bring):
    one = enrolled[0].code
    bring("import_prior_learning", f"{one},grades_to_grow,2.50,")
    assert counted(bring("import_prior_learning", f"{one},grades_to_grow,3/1,")) == {"conflict": 1}
    bring("import_prior_learning", f"{one},grades_to_grow,6/2,", options=["--apply-changes"])
    bring("import_prior_learning", f"{one},grades_to_grow,,true")
    assert counted(bring("import_prior_learning", f"{one},grades_to_grow,,true")) == {"exists": 1}
    with connection.cursor() as cursor:
        cursor.execute("SELECT measure, amount FROM learning.prior_learning_facts ORDER BY id")
        assert cursor.fetchall() == [("grades_to_grow", "5/2"), ("grades_to_grow", "3"), ("grades_to_grow", None)]
    for amount in ("1/0", "x", "1e3", "", "NaN", "1,5", "2.5/2"):
        assert counted(bring("import_prior_learning", f'{one},grades_to_grow,"{amount}",')) == {"refused": 1}, amount
    assert counted(bring("import_prior_learning", f"{one},Grades,1,")) == {"refused": 1}
    assert PriorLearning.objects.count() == 3


def test_an_enrollment_of_another_catalogue_is_not_known_here(enrolled, bring):
    one = enrolled[0].code
    assert counted(bring("import_milestones", f"{one},passed,2026-05-01,", catalogue="other")) == {"refused": 1}
    with pytest.raises(CommandError, match=r"no course of a catalogue 'none'\. Known are: other, trial"):
        bring("import_milestones", f"{one},passed,2026-05-01,", catalogue="none")


@pytest.mark.parametrize("kind", ["teacher", "provider_staff", "finance_officer", "student"])
def test_nobody_who_teaches_sells_or_pays_attests_what_money_may_hang_on(enrolled, bring, kind):
    organization = build.provider() if kind == "provider_staff" else None
    appoint(username=kind, full_name=kind, kind=kind, starts_on=build.START, organization=organization)
    appoint(username="later", full_name="Later", kind="counsellor", starts_on=datetime.date(2026, 6, 2))
    for username in (kind, "later", "nobody"):
        with pytest.raises(CommandError, match="attests what money may hang on"):
            bring("import_milestones", f"{enrolled[0].code},passed,2026-05-01,", by=username)
    assert milestones() == []


def test_a_dry_run_tells_what_would_happen_and_keeps_nothing(enrolled, bring):
    line, batches = f"{enrolled[0].code},passed,2026-05-01,", IntakeBatch.objects.count()
    dry = bring("import_milestones", line, options=["--dry-run"])
    assert (dry["created"], dry["batch"], len(milestones()), IntakeBatch.objects.count()) == (1, None, 0, batches)
    assert bring("import_milestones", line)["created"] == 1


def test_a_file_without_its_header_or_that_is_not_there_is_one_error(enrolled, tmp_path):
    path = tmp_path / "facts.csv"
    for content in ("student,day\n1,2\n", None):
        path.unlink(missing_ok=True)
        if content:
            path.write_text(content)
        with pytest.raises(CommandError, match=r"must name enrollment, milestone, attained_on|cannot be opened"):
            call_command("import_milestones", path, "--catalogue", "trial", "--attested-by", "examiner")


def test_a_hundred_thousand_rows_take_the_memory_of_a_few(enrolled):
    """Good, bad and repeated rows, streamed: what is held at once does not grow with the file."""
    codes = [one.code for one in enrolled]
    told = []

    def rows(count):
        for number in range(count):
            good = number < len(codes)
            yield AttestedRow(number + 2, codes[number] if good else f"X-{number}", "passed", None, "2026-05-01", False)

    def peak(count):
        tracemalloc.start()
        done = record_attested(
            fact="milestones", rows=rows(count), catalogue="trial", attested_by="examiner", today=datetime.date(2026, 6, 1),
            on_outcome=lambda outcome: told.append(outcome) if len(told) < 5 else None,
        )  # fmt: skip
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return done, held

    small = peak(5_000)[1]
    done, held = peak(100_000)
    assert done.counts["refused"] == 100_000 - 3
    assert held < small + 2_000_000
