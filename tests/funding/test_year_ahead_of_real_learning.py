"""The Open University's 2014B paid ahead on the prediction of 2013B, and settled: beside a reckoning from the files alone."""

import csv
import datetime
import gzip
import io
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from database.areas import acting_as
from funding.actions.release_demonstration import release_demonstration
from funding.actions.run_night import run_night
from funding.models import PaymentLine, Program, Transfer
from funding.queries.verification import findings
from funding.queries.year_ahead_verification import year_ahead_findings
from people.actions.appoint import appoint

OULAD = Path(os.environ.get("CREDENCE_SHARED_DATA", settings.BASE_DIR.parent / "shared" / "data")) / "oulad"
RATE = 98_688
B2013 = (datetime.date(2013, 2, 1), datetime.date(2013, 9, 30))
B2014 = (datetime.date(2014, 2, 1), datetime.date(2014, 9, 30))
# Before the first work of 2014B: some is handed in days before its start.
KNOWN_ON = datetime.date(2013, 12, 31)
LAST = datetime.date(2015, 9, 30)
NIGHTS = [datetime.date(2014, month, day) for month, day in ((2, 28), (3, 31), (5, 31), (6, 30), (8, 31), (9, 30), (10, 31))]


class Files:
    """Enrollments and work as the dataset's files have them: no table of ours, and none of our code."""

    def __init__(self):
        starts = {"2013B": datetime.date(2013, 2, 1), "2013J": datetime.date(2013, 10, 1), "2014B": datetime.date(2014, 2, 1)}
        self.required, course_of = Counter(), {}
        for row in self._rows("assessments"):
            if row["assessment_type"] in ("TMA", "CMA"):
                course_of[row["id_assessment"]] = course = (row["code_module"], row["code_presentation"])
                self.required[course] += 1
        self.days = {}
        for row in self._rows("studentRegistration"):
            first = starts[row["code_presentation"]]
            dates = [first + datetime.timedelta(days=int(row[name])) if row[name] not in ("", "?") else None
                     for name in ("date_registration", "date_unregistration")]  # fmt: skip
            self.days[row["code_module"], row["code_presentation"], row["id_student"]] = (first, *dates)
        self.done = Counter()
        self.work = []
        for row in self._rows("studentAssessment"):
            course = course_of.get(row["id_assessment"])
            if course and row["is_banked"] == "0":
                on = starts[course[1]] + datetime.timedelta(days=int(row["date_submitted"]))
                self.work.append(((*course, row["id_student"]), on))

    def _rows(self, name):
        with gzip.open(OULAD / f"{name}.csv.gz", "rt", newline="") as file:
            yield from csv.DictReader(file)

    def learned(self, span, on):
        """(earned, whole) in cents by provider of learning that started in `span`, with what was completed by `on`."""
        enrolled = {}
        for key, (first, registered, gone) in self.days.items():
            if span[0] <= max(first, registered or first) <= span[1]:
                enrolled[key] = [registered or datetime.date.min, gone or datetime.date.max, 0]
        for key, day in self.work:
            if key in enrolled and enrolled[key][0] <= day <= enrolled[key][1] and day <= on:
                enrolled[key][2] += 1
        earned, whole = Counter(), Counter()
        for (module, presentation, _), (*_, count) in enrolled.items():
            required = self.required[module, presentation]
            earned[module] += (2 * RATE * count + required) // (2 * required)
            whole[module] += RATE
        return earned, whole


def command(*arguments):
    out = io.StringIO()
    call_command("year_ahead", *arguments, "--json", stdout=out)
    return {one["provider"]: one for one in json.loads(out.getvalue())[0]["providers"]}


def night(on):
    return run_night(program_code="oulad-completion", business_date=on)


@pytest.mark.slow
@pytest.mark.skipif(not OULAD.is_dir(), reason=f"the Open University's files are not at {OULAD}; CREDENCE_SHARED_DATA says where")
def test_2014b_is_predicted_from_2013b_advanced_and_trued_up_to_what_it_earned_provider_by_provider(committed_db, capsys):
    call_command("import_oulad", str(OULAD))
    release_demonstration(program_code="oulad-completion")
    appoint(username="officer", full_name="Finance Officer", kind="finance_officer", starts_on=datetime.date(2013, 1, 1))
    night(KNOWN_ON)
    files = Files()
    earned, whole = files.learned(B2013, KNOWN_ON)
    _, new = files.learned(B2014, KNOWN_ON)
    everybody = (sum(earned.values()), sum(whole.values()))
    shares = {module: (earned[module], whole[module]) if whole[module] else everybody for module in new}
    predicted = {module: (2 * top * new[module] + bottom) // (2 * bottom) for module, (top, bottom) in shares.items()}

    spans = [f"{first}..{last}" for first, last in (B2014, B2013)]
    opened = command("open", "oulad-completion", "--year", spans[0], "--from", spans[1], "--instalments", "8",
                     "--on", str(KNOWN_ON), "--by", "officer")  # fmt: skip
    assert {provider: one["predicted_cents"] for provider, one in opened.items()} == predicted
    assert set(predicted) == {"BBB", "CCC", "DDD", "EEE", "FFF", "GGG"}
    for on in NIGHTS[:-1]:
        night(on)
    advanced = command("show", "oulad-completion")
    assert {provider: one["advanced_cents"] for provider, one in advanced.items()} == predicted

    command("true_up", "oulad-completion", "--year", str(B2014[0]), "--by", "officer")
    for on in NIGHTS:
        night(on)
    actual, _ = files.learned(B2014, NIGHTS[-1])
    settled = command("show", "oulad-completion")
    assert {provider: one["advanced_cents"] + one["trued_up_cents"] for provider, one in settled.items()} == dict(actual)
    assert {one["to_true_up_cents"] for one in settled.values()} == {0}
    # What came in after the year's end, and another true-up.
    night(LAST)
    command("true_up", "oulad-completion", "--year", str(B2014[0]), "--by", "officer")
    night(LAST + datetime.timedelta(days=31))
    actual, _ = files.learned(B2014, LAST)
    finally_ = command("show", "oulad-completion")
    assert {provider: one["advanced_cents"] + one["trued_up_cents"] for provider, one in finally_.items()} == dict(actual)
    said = json.loads((OULAD / "expected.json").read_text())
    assert (
        sum(t.amount_cents * (1 if t.kind == "earn" else -1) for t in Transfer.objects.filter(claim__isnull=False))
        == said["total_cents"]
    )
    paid = sum(PaymentLine.objects.values_list("amount_cents", flat=True)) + carried()
    assert paid == said["total_cents"]
    with acting_as("area_funding"):
        program = Program.objects.get(code="oulad-completion")
        assert [*findings(program=program), *year_ahead_findings(program=program)] == []


def carried():
    """What the last lines of all providers carry on: below 0."""
    last = {line.provider_id: line.carried_out_cents for line in PaymentLine.objects.order_by("batch__run__business_date")}
    return sum(last.values())
