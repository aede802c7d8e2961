"""What stands in the record, counted anew for each enrollment-module or enrollment, priced for its own day, beside the books.

Wants the table `known` (queries/verification.py): enrollments with their dates as of the watermark.
"""

import datetime
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from django.db import connection

from funding.calc.engine.document import read_document
from funding.calc.engine.evaluate import NotPriced
from funding.calc.engine.recorded import Learning, Reads, cents_by_source, pay, reads
from funding.models import PolicyVersion, Program, Run
from funding.queries.rows import rows

# The latest row of each assignment, if it states and may pay, by module; then every module of an enrollment that has a
# claim, or of all enrollments where something is paid without work.
_DONE = """
    CREATE TEMPORARY TABLE recounted ON COMMIT DROP AS
    WITH latest AS (
        SELECT DISTINCT ON (c.enrollment_id, c.assignment_id) c.enrollment_id, c.assignment_id, c.sequence, c.completed_on
        FROM completion_facts c JOIN known e ON e.id = c.enrollment_id
        WHERE c.batch_id <= %(through_batch)s AND c.completed_on <= %(on)s AND NOT c.carried_over
        ORDER BY c.enrollment_id, c.assignment_id, c.sequence DESC),
    standing AS (
        SELECT l.enrollment_id, a.module_id, count(*) AS completed
        FROM latest l JOIN known e ON e.id = l.enrollment_id
        JOIN assignment_facts a ON a.id = l.assignment_id AND a.batch_id <= %(through_batch)s
        WHERE l.sequence %% 2 = 0
          AND ((l.completed_on < e.enrolled_on OR l.completed_on > e.withdrawn_on) IS NOT TRUE
               OR EXISTS (SELECT FROM funding_discrepancy d JOIN funding_discrepancyresolution x ON x.discrepancy_id = d.id
                          WHERE d.program_id = %(program)s AND d.enrollment_id = l.enrollment_id
                            AND d.assignment_id = l.assignment_id AND d.sequence = l.sequence
                            AND x.outcome = 'accepted' AND x.consumed_by_id <= %(run)s))
        GROUP BY l.enrollment_id, a.module_id),
    required AS (
        SELECT o.id AS offering_id, m.id AS module_id, m.credit_numerator, m.credit_denominator,
               (SELECT count(*) FROM assignment_facts a
                WHERE a.offering_id = o.id AND a.module_id = m.id AND a.batch_id <= %(through_batch)s) AS required
        FROM offering_facts o JOIN module_facts m ON m.course_id = o.course_id WHERE o.catalogue = %(catalogue)s)
    SELECT e.id AS enrollment_id, CASE WHEN %(by_module)s THEN r.module_id ELSE 0 END AS module_id,
           jsonb_agg(jsonb_build_array(coalesce(s.completed, 0), r.required, r.credit_numerator, r.credit_denominator)
                     ORDER BY r.module_id) AS work
    FROM known e JOIN required r USING (offering_id) {kind} JOIN standing s ON s.enrollment_id = e.id AND s.module_id = r.module_id
    WHERE e.batch_id <= %(through_batch)s
    GROUP BY 1, 2
"""
# What is asked beside it, an enrollment at a time; an unasked thing is null, so that equal figures stay equal.
_FIGURES = """
    CREATE TEMPORARY TABLE figured ON COMMIT DROP AS
    WITH need AS (
        SELECT enrollment_id, jsonb_agg(DISTINCT category ORDER BY category) AS told
        FROM (SELECT n.enrollment_id, n.category FROM need_facts n JOIN known e ON e.id = n.enrollment_id
              WHERE n.category = ANY(%(needs)s) AND n.batch_id <= %(through_batch)s
                AND (n.from_on > e.learning_starts_on OR n.to_on < e.learning_starts_on) IS NOT TRUE
              GROUP BY n.enrollment_id, n.category, n.from_on, n.to_on HAVING count(*) %% 2 = 1) n GROUP BY enrollment_id),
    milestone AS (
        SELECT enrollment_id, jsonb_agg(DISTINCT milestone ORDER BY milestone) AS told
        FROM (SELECT enrollment_id, milestone FROM milestone_facts
              WHERE milestone = ANY(%(milestones)s) AND batch_id <= %(through_batch)s AND attained_on <= %(on)s
              GROUP BY enrollment_id, milestone, attained_on HAVING count(*) %% 2 = 1) m GROUP BY enrollment_id),
    prior AS (
        SELECT p.enrollment_id, jsonb_object_agg(p.measure, p.amount) AS told FROM prior_learning_facts p
        JOIN (SELECT max(id) AS id FROM prior_learning_facts WHERE batch_id <= %(through_batch)s
              GROUP BY enrollment_id, measure) newest USING (id)
        WHERE p.measure = ANY(%(prior_learning)s) AND p.amount IS NOT NULL GROUP BY p.enrollment_id)
    SELECT r.enrollment_id, r.module_id,
           jsonb_build_array(e.learning_starts_on, CASE WHEN %(by_end)s THEN e.withdrawn_on END, r.work,
                             coalesce(need.told, '[]'), coalesce(milestone.told, '[]'), coalesce(prior.told, '{}'),
                             CASE WHEN %(by_course)s THEN o.course_code END, CASE WHEN %(by_provider)s THEN p.code END) AS figures
    FROM recounted r JOIN known e ON e.id = r.enrollment_id
    JOIN offering_facts o ON o.id = e.offering_id JOIN provider_facts p ON p.id = o.provider_id
    LEFT JOIN need ON need.enrollment_id = e.id LEFT JOIN milestone ON milestone.enrollment_id = e.id
    LEFT JOIN prior ON prior.enrollment_id = e.id
"""
# Where the facts have no price, what was earned before stands: nothing is compared.
_DIFFERENCES = """
    WITH facts AS (
        SELECT f.enrollment_id, f.module_id, p.parts FROM figured f
        JOIN unnest(%(figures)s::jsonb[], %(parts)s::jsonb[]) AS p (figures, parts) USING (figures)),
    books AS (
        SELECT enrollment_id, module_id, jsonb_object_agg(part, cents) AS parts
        FROM (SELECT c.enrollment_id, c.module_id, cost.part, sum(CASE t.kind WHEN 'earn' THEN t.amount_cents ELSE -t.amount_cents END)
                     AS cents
              FROM funding_transfer t JOIN funding_claim c ON c.id = t.claim_id
              JOIN funding_account cost ON cost.kind = 'program-cost' AND cost.id IN (t.debit_account_id, t.credit_account_id)
              WHERE t.program_id = %(program)s AND t.kind IN ('earn', 'recover') AND t.run_id <= %(run)s
                AND NOT EXISTS (SELECT FROM funding_transfer x WHERE x.reverses_id = t.effect_key)
              GROUP BY c.enrollment_id, c.module_id, cost.part) s
        WHERE cents <> 0 GROUP BY enrollment_id, module_id)
    SELECT coalesce(e.code, enrollment_id::text) AS enrollment, coalesce(m.code, module_id::text) AS module,
           coalesce(facts.parts, '{}')::text AS facts, coalesce(books.parts, '{}')::text AS books
    FROM facts FULL JOIN books USING (enrollment_id, module_id)
    LEFT JOIN enrollment_facts e ON e.id = enrollment_id LEFT JOIN module_facts m ON m.id = module_id
    WHERE coalesce(facts.parts, '{}') <> coalesce(books.parts, '{}') AND facts.parts IS DISTINCT FROM 'null'
    ORDER BY 1, 2
"""

Price = Callable[[list[Any]], dict[str, int] | None]


def differences(*, program: Program, last: Run, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each enrollment-module (or enrollment) of which the facts and the books say different things: its name, and what.

    `values` name the program, its catalogue, and the last run with its watermark and day.
    """
    versions = PolicyVersion.objects.filter(program=program, pk__lte=last.through_policy_version).order_by("in_force_from")
    policies = [read_document(version.content, program.code) for version in versions]
    asked = [reads(policy) for policy in policies]
    values = values | {
        "by_module": program.unit == Program.Unit.MODULE,
        "needs": sorted({word for one in asked for word in one.needs}),
        "milestones": sorted({word for one in asked for word in one.milestones}),
        "prior_learning": sorted({word for one in asked for word in one.prior_learning}),
        "by_end": any(not one.only_for_work or one.asks("months_learned") or one.asks("days_learned") for one in asked),
        "by_course": any(one.asks("by_course") for one in asked),
        "by_provider": any(one.asks("by_provider") for one in asked),
    }
    only_for_work = program.unit == Program.Unit.MODULE and all(one.only_for_work for one in asked)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        # Whole sets meet whole sets, also right after an import, before the tables are counted.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_DONE.replace("{kind}", "" if only_for_work else "LEFT"), values)
        cursor.execute("ANALYZE recounted")
        cursor.execute(_FIGURES, values)
        cursor.execute("ANALYZE figured")
        cursor.execute("SELECT DISTINCT figures::text FROM figured")
        figures = [text for (text,) in cursor.fetchall()]
    price = _pricer(list(zip(policies, asked, strict=True)), last.business_date)
    values |= {"figures": figures, "parts": [json.dumps(price(json.loads(text))) for text in figures]}
    for row in rows(_DIFFERENCES, values):
        facts, books = _said(row["facts"]), _said(row["books"])
        yield f"enrollment {row['enrollment']} module {row['module']}", f"the facts say {facts}, the books {books}"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE recounted, figured")


def _said(parts: str) -> str:
    by_source = json.loads(parts)
    total = f"{sum(by_source.values())} cents"
    return total if len(by_source) < 2 else f"{total} ({', '.join(f'{cents} from {source}' for source, cents in by_source.items())})"


def _pricer(policies: list[tuple[Any, Reads]], on: datetime.date) -> Price:
    """Cents by source of one row's figures, None where they have no price; each distinct learning is priced once."""
    known: dict[tuple[int, Learning], dict[str, int] | None] = {}

    def parts(figures: list[Any]) -> dict[str, int] | None:
        starts_on = datetime.date.fromisoformat(figures[0]) if figures[0] else None
        place = next((i for i in reversed(range(len(policies))) if starts_on and policies[i][0].in_force_from <= starts_on), None)
        if place is None or starts_on is None:
            return {}
        policy, asked = policies[place]
        withdrawn_on = datetime.date.fromisoformat(figures[1]) if figures[1] else datetime.date.max
        if not asked.only_for_work and (starts_on > on or withdrawn_on < starts_on):
            return {}
        learning = asked.of(_learning(starts_on, min(withdrawn_on, on), figures))
        if (place, learning) not in known:
            try:
                known[place, learning] = cents_by_source(pay(policy, learning, asked))
            except NotPriced:
                known[place, learning] = None
        return known[place, learning]

    return parts


def _learning(starts_on: datetime.date, until_on: datetime.date, figures: list[Any]) -> Learning:
    _, _, work, needs, milestones, prior, course, provider = figures
    after = until_on + datetime.timedelta(days=1)
    return Learning(
        start_of_learning=starts_on,
        credit=sum((Fraction(numerator, denominator) for _, _, numerator, denominator in work), Fraction(0)),
        assigned=sum(required for _, required, _, _ in work),
        completed=sum(completed for completed, *_ in work),
        needs=frozenset(needs),
        milestones=frozenset(milestones),
        prior_learning=tuple((measure, Fraction(amount)) for measure, amount in sorted(prior.items())),
        course=course or "",
        provider=provider or "",
        months_learned=max(0, (after.year - starts_on.year) * 12 + after.month - starts_on.month),
        days_learned=max(0, (until_on - starts_on).days + 1),
        modules=len(work),
        modules_completed=sum(0 < required <= completed for completed, required, *_ in work),
    )
