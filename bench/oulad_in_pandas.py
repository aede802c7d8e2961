"""`python -m bench.oulad_in_pandas FOLDER REPORT.json`: a simulation of the Open University's learning, held against pandas.

REPORT.json is what `manage.py simulate --policy funding/packs/completion.yaml --against funding/packs/milestone.yaml
funding/packs/need-weighted.yaml --catalogue oulad --year 2012 --years 3 --json` prints where everybody who passed is attested.
Shares nothing with Credence but the files. Every sum by provider and by category of need is compared in cents; exit code 1 if
one differs. Needs pandas, which no lock of ours holds.
"""

import json
import sys
from pathlib import Path

import pandas

RATE_CENTS = 98_688
ENROLLMENT = ["code_module", "code_presentation", "id_student"]


def read(folder: Path, name: str) -> pandas.DataFrame:
    return pandas.read_csv(folder / f"{name}.csv.gz", na_values=["?"])


def learned(folder: Path) -> pandas.DataFrame:
    """A row for each enrollment: module, low-stakes work assigned and completed, passed, weights of need in hundredths."""
    assessments = read(folder, "assessments").query("assessment_type != 'Exam'")
    assigned = assessments.groupby(ENROLLMENT[:2]).size().rename("assigned").reset_index()
    done = read(folder, "studentAssessment").query("is_banked == 0").merge(assessments, on="id_assessment")
    done = done.merge(read(folder, "studentRegistration"), on=ENROLLMENT)
    in_time = ~(done.date_submitted < done.date_registration) & ~(done.date_submitted > done.date_unregistration)
    completed = done[in_time].groupby(ENROLLMENT).size().rename("completed").reset_index()
    people = read(folder, "studentInfo").merge(assigned, on=ENROLLMENT[:2]).merge(completed, on=ENROLLMENT, how="left")
    people["completed"] = people.completed.fillna(0).astype("int64")
    people["passed"] = people.final_result.isin(["Pass", "Distinction"])
    people["low_income"] = people.imd_band.isin(["0-10%", "10-20", "10-20%"])
    people["special_education"] = people.disability == "Y"
    return people


def half_up(numerator: pandas.Series, denominator: pandas.Series) -> pandas.Series:
    return (2 * numerator + denominator) // (2 * denominator)


def sums(people: pandas.DataFrame) -> dict[str, list[int]]:
    """{provider, category or "all": cents by completion, on success, weighted by need}"""
    weight = 100 + 25 * people.low_income + 20 * people.special_education
    cents = pandas.DataFrame(
        {
            "completion": half_up(RATE_CENTS * people.completed, people.assigned),
            "milestone": RATE_CENTS * people.passed,
            "weighted": half_up(RATE_CENTS * weight * people.completed, 100 * people.assigned),
        }
    )
    found = {name: group.sum() for name, group in cents.groupby(people.code_module)}
    needs = {"low_income": people.low_income, "special_education": people.special_education, "no_need": weight == 100}
    found |= {name: cents[chosen].sum() for name, chosen in needs.items()} | {"all": cents.sum()}
    return {str(name): [int(one) for one in row] for name, row in found.items()}


def main() -> None:
    folder, report = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    told = {
        row["name"]: [int(cell["amount"].replace(".", "")) for cell in row["policies"]]
        for row in (report["total"], *report["by_provider"], *report["by_group"])
    }
    expected = sums(learned(folder))
    for name in sorted({*told, *expected}):
        same = "same" if told.get(name) == expected.get(name) else "DIFFERS"
        sys.stdout.write(f"{same:8}{name:20}{told.get(name)} {expected.get(name)}\n")
    sys.exit(told != expected)


if __name__ == "__main__":
    main()
