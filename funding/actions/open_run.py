"""Open a night: fix what it will see, and list the enrollments that it has to look at again."""

import datetime
from typing import Any

from django.db import connection

from database.areas import acting_as
from database.locks import settle_intake
from funding.actions.open_books import open_period, open_provider_accounts
from funding.calc.engine.document import Document, read_document
from funding.calc.engine.recorded import Reads, reads
from funding.calc.months import LONGEST_MONTH, a_month_ended
from funding.models import PolicyVersion, Program, Run, RunShard
from rulebook.load import RuleError

# Small enough that a killed worker loses a second's work, large enough that set-based work pays.
ENROLLMENTS_A_SHARD = 25_000


class NightRefused(ValueError):
    """Why a night cannot run, in a sentence for people."""


def open_run(*, program_code: str, business_date: datetime.date) -> Run:
    """The run of that date, opened if need be. A repeated or earlier date returns the recorded run that covers it;
    an unfinished earlier run is returned first, because nights run in date order.

    Raises NightRefused for an unknown program and for a date in a closed period.
    """
    with acting_as("area_funding"):
        settle_intake()
        program = Program.objects.select_for_update(no_key=True).filter(code=program_code).first()
        if program is None:
            known = ", ".join(Program.objects.order_by("code").values_list("code", flat=True)) or "none yet"
            raise NightRefused(f"There is no program {program_code!r} with a released policy; there is: {known}.")
        previous = program.runs.order_by("-business_date").first()
        if previous and previous.finished_at is None:
            return previous
        if previous and business_date <= previous.business_date:
            return program.runs.filter(business_date__gte=business_date).earliest("business_date")
        if open_period(program=program, day=business_date).closed_at is not None:
            raise NightRefused(f"The fiscal period of {business_date} is closed; run the night of a later date.")
        run = Run.objects.create(
            program=program,
            business_date=business_date,
            previous=previous,
            through_batch=_scalar("SELECT coalesce(max(id), 0) FROM batch_facts"),
            through_policy_version=PolicyVersion.objects.filter(program=program).latest("id").pk,
        )
        _list_dirty(run)
        return run


def _scalar(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


# What can change a figure of an enrollment since the last night under any policy: a completion of a new batch, one of an
# old batch whose day has come, a change of its dates, a resolution of its discrepancy, a further assignment, a
# policy released since.
_TOUCHED = """
    SELECT enrollment_id FROM completion_facts
    WHERE batch_id > %(from_batch)s AND batch_id <= %(through_batch)s AND completed_on <= %(on)s
    UNION SELECT enrollment_id FROM completion_facts
    WHERE batch_id <= %(from_batch)s AND completed_on > %(last_on)s AND completed_on <= %(on)s
    UNION SELECT enrollment_id FROM enrollment_change_facts
    WHERE batch_id > %(from_batch)s AND batch_id <= %(through_batch)s
    UNION SELECT d.enrollment_id FROM funding_discrepancy d
    JOIN funding_discrepancyresolution r ON r.discrepancy_id = d.id
    WHERE d.program_id = %(program)s AND d.enrollment_id IS NOT NULL AND r.consumed_by_id IS NULL
    UNION SELECT s.enrollment_id FROM funding_earningstate s
    JOIN assignment_facts a ON a.offering_id = s.offering_id
    WHERE s.program_id = %(program)s AND a.batch_id > %(from_batch)s AND a.batch_id <= %(through_batch)s
    UNION SELECT e.id FROM enrollment_facts e
    JOIN funding_policyversion v ON v.program_id = %(program)s AND v.in_force_from <= e.learning_starts_on
    WHERE e.catalogue = %(catalogue)s
      AND v.id > %(from_policy_version)s AND v.id <= %(through_policy_version)s
"""
# What only some policies ask, and what then touches an enrollment: a category of need, a milestone, prior learning of a new
# batch, or a milestone whose day has come; where something is paid without work, an enrollment of a new batch and one whose
# learning begins; months and days in learning, as long as they count.
_TOUCHED_TOO = {
    "needs": """SELECT enrollment_id FROM need_facts
        WHERE batch_id > %(from_batch)s AND batch_id <= %(through_batch)s AND category = ANY(%(needs)s)""",
    "milestones": """SELECT enrollment_id FROM milestone_facts
        WHERE batch_id <= %(through_batch)s AND attained_on <= %(on)s AND (batch_id > %(from_batch)s OR attained_on > %(last_on)s)
          AND milestone = ANY(%(milestones)s)""",
    "prior_learning": """SELECT enrollment_id FROM prior_learning_facts
        WHERE batch_id > %(from_batch)s AND batch_id <= %(through_batch)s AND measure = ANY(%(prior_learning)s)""",
    "begun": """SELECT id FROM enrollment_facts
        WHERE catalogue = %(catalogue)s AND batch_id <= %(through_batch)s
          AND (batch_id > %(from_batch)s OR (learning_starts_on > %(last_on)s AND learning_starts_on <= %(on)s))""",
    "growing": """SELECT id FROM enrollment_facts
        WHERE catalogue = %(catalogue)s AND batch_id <= %(through_batch)s AND coalesce(withdrawn_on, 'infinity') > %(last_on)s
          AND learning_starts_on > %(grows_since)s AND learning_starts_on <= %(on)s""",
}
# A program's first night looks at every enrollment, which costs less than asking which have completions.
_EVERY = "SELECT * FROM enrollment_facts WHERE catalogue = %(catalogue)s AND batch_id <= %(through_batch)s"
_OF_TOUCHED = "SELECT e.* FROM ({touched}) t JOIN enrollment_facts e ON e.id = t.enrollment_id WHERE e.catalogue = %(catalogue)s"


def _policies(run: Run) -> list[Document]:
    """The policies that govern the run. Raises NightRefused for a text that this version of the software does not read."""
    found = []
    for version in PolicyVersion.objects.filter(program=run.program, pk__lte=run.through_policy_version):
        try:
            found.append(read_document(version.content, run.program.code))
        except RuleError as problem:
            raise NightRefused(
                f"The policy of {run.program.code} in force from {version.in_force_from} cannot be read ({problem}). If an earlier "
                "version of this software released it, begin the demonstration anew (README)."
            ) from None
    return found


def _asks(policies: list[Reads], run: Run, last_on: datetime.date) -> dict[str, Any]:
    """What the run's policies ask of _TOUCHED_TOO: its names, and those of the values that it takes."""
    asked: dict[str, Any] = {
        word: sorted({name for policy in policies for name in getattr(policy, word)})
        for word in ("needs", "milestones", "prior_learning")
    }
    asked["begun"] = not all(policy.only_for_work for policy in policies)
    # An enrollment that began earlier has reached the limit up to which its days or months count.
    days = max(policy.at_most("days_learned") for policy in policies)
    if a_month_ended(last_on, run.business_date):
        days = max(days, *(LONGEST_MONTH * (policy.at_most("months_learned") + 1) for policy in policies))
    asked["growing"] = bool(days)
    asked["grows_since"] = last_on - datetime.timedelta(days=days)
    return {name: value for name, value in asked.items() if value}


def _list_dirty(run: Run) -> None:
    policies = [reads(policy) for policy in _policies(run)]
    previous = run.previous
    values: dict[str, Any] = {
        "run": run.pk,
        "program": run.program_id,
        "catalogue": run.program.catalogue,
        "on": run.business_date,
        "through_batch": run.through_batch,
        "through_policy_version": run.through_policy_version,
        "size": ENROLLMENTS_A_SHARD,
    }
    if previous:
        values |= {
            "last_on": previous.business_date,
            "from_batch": previous.through_batch,
            "from_policy_version": previous.through_policy_version,
        }
        asked = _asks(policies, run, previous.business_date)
        values |= asked
        touched = " UNION ".join([_TOUCHED, *(_TOUCHED_TOO[name] for name in _TOUCHED_TOO if name in asked)])
        listed = _OF_TOUCHED.format(touched=touched)
    else:
        listed = _EVERY
    with connection.cursor() as cursor:
        if not previous:
            # Right after an import, before the tables are counted, the planner would walk one table for each row of another.
            cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            f"""
            INSERT INTO funding_rundirty (run_id, shard, enrollment_id)
            SELECT %(run)s, (row_number() OVER (ORDER BY e.provider_id, e.id) - 1) / %(size)s + 1, e.id
            FROM ({listed}) e
            """,
            values,
        )
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute(
            """
            UPDATE funding_discrepancyresolution SET consumed_by_id = %(run)s WHERE consumed_by_id IS NULL
            AND discrepancy_id IN (SELECT id FROM funding_discrepancy WHERE program_id = %(program)s)
            """,
            values,
        )
        cursor.execute("SELECT DISTINCT shard FROM funding_rundirty WHERE run_id = %(run)s ORDER BY shard", values)
        RunShard.objects.bulk_create([RunShard(run=run, number=number) for (number,) in cursor.fetchall()])
        cursor.execute("SELECT DISTINCT p.id, p.code FROM offering_facts o JOIN provider_facts p ON p.id = o.provider_id "
                       "WHERE o.catalogue = %(catalogue)s ORDER BY p.code", values)  # fmt: skip
        open_provider_accounts(program=run.program, providers=cursor.fetchall())
