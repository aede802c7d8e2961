"""The state in which the drills' nights begin, made once in a database of its own: `python -m tests.drills.prepared`.

Two providers, 3,000 enrollments in shards of 100, a first night behind them; before the two nights of the drill come
voids, late withdrawals, decided discrepancies, a further assignment and rows that match nothing. The year has an
appropriation that is too small, and both nights advance an instalment of a year that is paid ahead.
"""

import datetime
from fractions import Fraction

ENROLLMENTS, ENROLLMENTS_A_SHARD = 3_000, 100
PROGRAM = "trial"
FIRST_NIGHT = datetime.date(2026, 1, 29)
# The nights of the drill are those of January 30 and of the month's end; the sweep runs both on this day.
TODAY = datetime.date(2026, 2, 1)
NIGHTS = (datetime.date(2026, 1, 30), datetime.date(2026, 1, 31))

STUDENTS = """
INSERT INTO people_user (uuid, username, full_name, password, works_in_office, is_active)
SELECT gen_random_uuid(), 'student', '', '!', false, true RETURNING id
"""
ENROLL = """
INSERT INTO enrollments_enrollment (code, student_id, offering_id, enrolled_on, withdrawn_on, batch_id)
SELECT 'E-' || n, %(student)s, CASE WHEN n %% 3 = 0 THEN %(second)s ELSE %(first)s END, date '2026-01-01',
       CASE WHEN n %% 11 = 0 THEN date '2026-01-20' END, %(batch)s
FROM generate_series(1, %(count)s) AS n
"""
# Work number w of enrollment e is done on day 1 + (7 e + 5 w) mod 31; each fourth piece is never done.
COMPLETE = """
INSERT INTO enrollments_completion (enrollment_id, assignment_id, sequence, source_system_id, source_id, source_revision,
                                    completed_on, carried_over, batch_id)
SELECT e.id, a.id, 0, %(source)s, e.id || '-' || a.id, 0, date '2026-01-01' + ((7 * e.id + 5 * a.id) %% 31)::int,
       (e.id + a.id) %% 17 = 0, %(batch)s
FROM enrollments_enrollment e JOIN enrollments_assignment a USING (offering_id) WHERE (e.id + a.id) %% 4 > 0
"""
VOID = """
INSERT INTO enrollments_completion (enrollment_id, assignment_id, sequence, source_system_id, source_id, source_revision,
                                    completed_on, carried_over, batch_id)
SELECT enrollment_id, assignment_id, 1, source_system_id, source_id, 1, completed_on, carried_over, %(batch)s
FROM enrollments_completion WHERE enrollment_id %% 5 = 0 AND (enrollment_id + assignment_id) %% 3 = 0
"""
WITHDRAW = """
WITH changed AS (UPDATE enrollments_enrollment SET withdrawn_on = date '2026-01-12' WHERE id %% 13 = 0 RETURNING id)
INSERT INTO enrollments_enrollmentchange (enrollment_id, batch_id, enrolled_on_before, enrolled_on_after, withdrawn_on_after,
                                          reason)
SELECT id, %(batch)s, date '2026-01-01', date '2026-01-01', date '2026-01-12', 'roster' FROM changed
"""
RESOLVE = """
INSERT INTO funding_discrepancyresolution (discrepancy_id, outcome, reason, resolved_by)
SELECT id, CASE WHEN id %% 2 = 0 THEN 'accepted' ELSE 'dismissed' END, 'looked into', 1 FROM funding_discrepancy WHERE id %% 3 > 0
"""
UNMATCHED = """
INSERT INTO enrollments_unmatchedcompletion (source_system_id, source_id, kind, enrollment_code, assignment_code, completed_on,
                                             batch_id)
SELECT %(source)s, 'lost-' || n, 'unknown_enrolment', 'nobody-' || n, '1.1', date '2026-01-05', %(batch)s
FROM generate_series(1, 50) AS n
"""


def prepare() -> None:
    from django.core.management import call_command
    from django.db import connection

    from funding.actions import open_run
    from funding.actions.appropriate import add_to_appropriation
    from funding.actions.open_year_ahead import open_year_ahead
    from funding.actions.run_night import run_night
    from funding.calc.year_ahead import Anticipated, Instalment
    from tests import build

    call_command("migrate", verbosity=0)
    build.program(program=PROGRAM, timetable="nightly")
    # Less than the month's end will ask for, so that its settlement draws to the last cent.
    budget = {"amount_cents": 100_000_07, "reason": "a budget", "on": FIRST_NIGHT, "by": 1}
    add_to_appropriation(program_code=PROGRAM, fiscal_year=TODAY.year, **budget)
    first, second = (build.offering(code, modules=2, assignments=4) for code in ("P1", "P2"))

    def execute(sql: str, **values: object) -> None:
        values |= {"batch": build.batch().pk, "source": build.source().pk}
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    with connection.cursor() as cursor:
        cursor.execute(STUDENTS)
        student = cursor.fetchone()[0]
    execute(ENROLL, student=student, first=first.pk, second=second.pk, count=ENROLLMENTS)
    execute(COMPLETE)
    open_run.ENROLLMENTS_A_SHARD = ENROLLMENTS_A_SHARD
    run_night(program_code=PROGRAM, business_date=FIRST_NIGHT)
    open_year_ahead(
        program_code=PROGRAM,
        first_on=NIGHTS[0],
        last_on=datetime.date(2026, 12, 31),
        predicted_from=(datetime.date(2026, 1, 1), FIRST_NIGHT),
        schedule=[Instalment(on, Fraction(1, 2)) for on in NIGHTS],
        on=FIRST_NIGHT,
        opened_by=1,
        anticipated=[Anticipated("P1", Fraction(1), 7), Anticipated("P2", Fraction(1), 3)],
    )
    for sql in (VOID, WITHDRAW, RESOLVE, UNMATCHED):
        execute(sql)
    work = build.assignments(second)[0]
    type(work).objects.create(offering=second, module=work.module, code="late", title="Late", stakes="low", batch=build.batch())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    import django

    django.setup()
    prepare()
