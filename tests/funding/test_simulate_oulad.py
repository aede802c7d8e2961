"""The Open University's real learning under three policies: every sum equals that of a separate recount of the files.

bench/oulad_in_pandas.py holds the same against pandas.
"""

import csv
import datetime
import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from funding.actions.run_night import run_night
from tests import build
from tests.database.statements import run

OULAD = Path(os.environ.get("CREDENCE_SHARED_DATA", settings.BASE_DIR.parent / "shared" / "data")) / "oulad"
PACKS = settings.BASE_DIR / "funding" / "packs"
RATE_CENTS = 98_688
SUCCEEDED = ("Pass", "Distinction")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not OULAD.is_dir(), reason=f"the Open University's files are not at {OULAD}; CREDENCE_SHARED_DATA says where"),
]


def rows(name):
    with gzip.open(OULAD / f"{name}.csv.gz", "rt", newline="") as file:
        yield from csv.DictReader(file)


def offering(row):
    return row["code_module"], row["code_presentation"]


def day(cell):
    return None if cell in ("", "?") else int(cell)


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def completed():
    """(assigned by offering, completed by enrollment): as the dataset's README says what counts."""
    assessments = {row["id_assessment"]: row for row in rows("assessments") if row["assessment_type"] != "Exam"}
    assigned = Counter(offering(row) for row in assessments.values())
    registered = {(*offering(row), row["id_student"]): row for row in rows("studentRegistration")}
    done = Counter()
    for row in rows("studentAssessment"):
        if row["id_assessment"] not in assessments or row["is_banked"] == "1":
            continue
        enrollment = (*offering(assessments[row["id_assessment"]]), row["id_student"])
        began, left = (day(registered[enrollment][f"date_{name}"]) for name in ("registration", "unregistration"))
        on = day(row["date_submitted"])
        done[enrollment] += (began is None or on >= began) and (left is None or on <= left)
    return assigned, done


def recount():
    """{provider or group: [cents under each policy]}, from the files alone: by the share completed; the whole if passed; by
    the share, 25 in 100 more in the two most deprived bands and 20 in 100 more with a disability."""
    assigned, done = completed()
    cents = {}
    for row in rows("studentInfo"):
        share = done[(*offering(row), row["id_student"])], assigned[offering(row)]
        needs = {
            "low_income": 25 * (row["imd_band"] in ("0-10%", "10-20", "10-20%")),
            "special_education": 20 * (row["disability"] == "Y"),
        }
        each = (
            half_up(RATE_CENTS * share[0], share[1]),
            RATE_CENTS * (row["final_result"] in SUCCEEDED),
            half_up(RATE_CENTS * (100 + sum(needs.values())) * share[0], 100 * share[1]),
        )
        for name in ("all", row["code_module"], *([need for need, weight in needs.items() if weight] or ["no_need"])):
            cents[name] = [before + more for before, more in zip(cents.get(name, (0, 0, 0)), each, strict=True)]
    return cents


def tenth(row):
    """1 for the most deprived tenth of areas to 10; None where it is not known."""
    return None if row["imd_band"] in ("", "?") else int(row["imd_band"].split("-")[0]) // 10 + 1


def test_a_weight_by_the_files_finer_bands_is_simulated_from_a_file_and_pays_what_a_recount_says(tmp_path, capsys):
    assigned, done = completed()
    learned, expected = [], {}
    for row in rows("studentInfo"):
        number, of = done[(*offering(row), row["id_student"])], assigned[offering(row)]
        band, disabled = tenth(row), row["disability"] == "Y"
        weight = 100 + {1: 40, 2: 25, 3: 10, 4: 10}.get(band, 0) + 20 * disabled
        year, letter = row["code_presentation"][:4], row["code_presentation"][4]
        starts_on = f"{year}-{'02' if letter == 'B' else '10'}-01"
        learned.append([row["code_module"], row["region"], starts_on, "1", of, number, band or "", "true" if disabled else ""])
        before = expected.get(row["code_module"], (0, 0))
        plain, weighted = half_up(RATE_CENTS * number, of), half_up(RATE_CENTS * weight * number, 100 * of)
        expected[row["code_module"]] = (before[0] + plain, before[1] + weighted)
    file = tmp_path / "learning.csv"
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["provider", "district", "start_of_learning", "credit", "assigned", "completed", "band", "special_education"])
        writer.writerows(learned)
    base, against = (str(PACKS / f"{name}.yaml") for name in ("completion", "need-by-band"))
    call_command("simulate", policy=base, against=[against], facts=str(file), json=True)
    report = json.loads(capsys.readouterr().out)
    told = {row["name"]: tuple(int(cell["amount"].replace(".", "")) for cell in row["policies"]) for row in report["by_provider"]}
    assert told == expected


@pytest.mark.django_db
def test_three_policies_over_real_learning_pay_what_a_recount_of_the_files_says(capsys):
    call_command("declare_milestone", "passed", measure="course_success", says="The course is passed")
    call_command("import_oulad", str(OULAD), attest_success=True)
    capsys.readouterr()
    base, *against = (str(PACKS / f"{name}.yaml") for name in ("completion", "milestone", "need-weighted"))
    call_command("simulate", policy=base, against=against, catalogue="oulad", year=2012, years=3, json=True)
    report = json.loads(capsys.readouterr().out)
    told = {
        row["name"]: [int(cell["amount"].replace(".", "")) for cell in row["policies"]]
        for row in (report["total"], *report["by_provider"], *report["by_group"])
    }
    assert told == recount()
    assert report["units"] == 21_333
    # The books' own figure, and that a policy on results pays where nothing was completed and the reverse.
    assert told["all"][0] == json.loads((OULAD / "expected.json").read_text())["total_cents"]
    assert len({tuple(cents) for cents in told.values()}) == len(told) == 11
    assert released_and_paid(capsys) == {name: cents[1] for name, cents in told.items() if len(name) == 3 and name != "all"}


def released_and_paid(capsys):
    """{provider: cents} that the milestone policy pays as law; accountability then refuses the success rate, and did not before."""
    call_command("success_rate", catalogue="oulad", record=datetime.date(2014, 1, 1))
    policy = (PACKS / "milestone.yaml").read_text().replace("catalogue: milestone", "catalogue: oulad")
    version = build.in_force(policy)
    with pytest.raises(CommandError, match="program milestone pays on course success there since 2013-01-01"):
        call_command("success_rate", catalogue="oulad")
    run_night(program_code=version.program.code, business_date=datetime.date(2015, 12, 31))
    capsys.readouterr()
    paid = run(
        "SELECT p.code, sum(s.posted_cents)::bigint FROM funding_earningstate s JOIN enrollment_facts e ON e.id = s.enrollment_id "
        "JOIN provider_facts p ON p.id = e.provider_id GROUP BY 1"
    )
    return dict(paid)
