"""G13: a year's night under ten packs of real rules, each over its tenth of the courses, against the plain policy's night.

Same enrollments, completions, needs, milestones and prior learning in both; the plain policy covers all of them as one
program, the packs as ten programs, whose nights are added up.
"""

from pathlib import Path

from django.db import connection

from bench import data
from bench.books import Books
from bench.report import Report, Sample, progress
from bench.worker import Workers
from funding.actions.put_in_force import put_in_force

PACKS = Path(__file__).resolve().parent.parent / "funding" / "packs"
REPEATS = 3

# What the packs ask beside the completions: 3 in 10 live on a low income, 1 in 8 has a disability, 6 in 10 pass and 1 in 10
# passes late; all were placed at entry.
_ATTESTED = """
INSERT INTO learning.enrollments_need (enrollment_id, category, sequence, batch_id)
SELECT id, 'low_income', 0, 1 FROM learning.enrollments_enrollment WHERE id %% 10 < 3
UNION ALL SELECT id, 'special_education', 0, 1 FROM learning.enrollments_enrollment WHERE id %% 8 = 0;
INSERT INTO learning.enrollments_attestedmilestone (enrollment_id, milestone, attained_on, sequence, attested_by_id, batch_id)
SELECT e.id, m.milestone, %(on)s::date - 20, 0, 1, 1
FROM learning.enrollments_enrollment e, (VALUES ('passed', 0, 6), ('credited', 0, 6), ('achieved', 0, 6), ('late', 6, 7))
     AS m (milestone, first, last) WHERE e.id / 7 %% 10 >= m.first AND e.id / 7 %% 10 < m.last;
INSERT INTO learning.enrollments_priorlearning (enrollment_id, measure, numerator, denominator, attested_by_id, batch_id)
SELECT id, 'grades_to_grow', id / 3 %% 4, 1, 1, 1 FROM learning.enrollments_enrollment
UNION ALL SELECT id, 'share_left', 1, 1 + id %% 2, 1, 1 FROM learning.enrollments_enrollment
"""


def bench_packs(books: Books, report: Report) -> None:
    books.use()
    names = sorted(path.stem for path in PACKS.glob("*.yaml") if "\nprogram:" in path.read_text())
    _attest()
    plain, packs = Sample(), Sample()
    told: dict[str, str] = {}
    with Workers(books.name, 1) as crew:
        for repeat in range(REPEATS + 1):
            _catalogue([data.PROGRAM])
            books.forget_nights()
            books.tidy()
            whole = crew.night(data.PROGRAM, data.YEAR_ENDS)
            told["plain"] = _rows(whole)
            progress(f"{books.name}: plain, {whole['seconds']:.2f} s, {told['plain']}")
            _catalogue(names)
            books.forget_nights()
            for name in names:
                put_in_force(content=(PACKS / f"{name}.yaml").read_text(), written_by=1, approved_by=(2, 3), name=name)
            books.tidy()
            nights = {name: crew.night(name, data.YEAR_ENDS) for name in names}
            told |= {name: _rows(done) for name, done in nights.items()}
            progress(f"{books.name}: packs, " + ", ".join(f"{name} {done['seconds']:.2f} s" for name, done in nights.items()))
            if repeat:
                plain.values.append(whole["seconds"])
                packs.values.append(sum(done["seconds"] for done in nights.values()))
    _catalogue([data.PROGRAM])
    what = f"a year's night under {len(names)} packs, each over its tenth, {books.million}M, against the plain policy's"
    report.line("G13", what, packs, "s", plain, packs.median / plain.median, "<= 1.5")
    for name, rows in told.items():
        report.fact("G13", name, rows, True)


def _attest() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM learning.enrollments_need)")
        if cursor.fetchone()[0]:
            return
        cursor.execute("SET session_replication_role = replica")
        for statement in _ATTESTED.split(";\n"):
            cursor.execute(statement, {"on": data.YEAR_ENDS})
        cursor.execute("RESET session_replication_role")


def _catalogue(names: list[str]) -> None:
    """Deal the courses out to these catalogues, one after another."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE learning.enrollments_course SET catalogue = (%(names)s::text[])[(id - 1) %% cardinality(%(names)s::text[]) + 1]",
            {"names": names},
        )
        cursor.execute("RESET session_replication_role")


def _rows(done: dict[str, object]) -> str:
    return f"{done['claims_changed']:,} claims, {done['distinct_cases']:,} distinct cases, {done['transfers']:,} transfers"
