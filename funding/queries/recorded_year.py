"""The recorded learning of a catalogue, counted by what policies ask: read for a simulation, never written."""

import datetime
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from django.db import connection

from funding.calc.engine.recorded import Learning
from funding.calc.simulated_policy import Enrolled, OverRecord
from funding.calc.simulation import Alike

_DAY = datetime.timedelta(days=1)

# Every module of every enrollment, whether begun or not: a milestone pays without a completion. Work counts that was
# done while enrolled; needs and residence are those of the day on which learning started. What no policy asks is null, so
# that equal learning stays equal.
_RECORDED = """
WITH enrolled AS (
    SELECT e.id, e.offering_id, e.course_id, e.provider_id, e.enrolled_on, e.withdrawn_on, e.learning_starts_on,
           ARRAY(SELECT n.category FROM need_facts n WHERE n.enrollment_id = e.id
                 AND coalesce(n.from_on, '-infinity') <= e.learning_starts_on
                 AND coalesce(n.to_on, 'infinity') >= e.learning_starts_on
                 GROUP BY 1 HAVING sum(1 - 2 * (n.sequence %% 2)) > 0 ORDER BY 1) AS needs,
           ARRAY(SELECT m.milestone FROM milestone_facts m WHERE m.enrollment_id = e.id AND m.attained_on <= %(as_of)s
                 GROUP BY 1 HAVING sum(1 - 2 * (m.sequence %% 2)) > 0 ORDER BY 1) AS milestones,
           CASE WHEN %(prior)s::text[] <> '{}' THEN
                (SELECT jsonb_object_agg(l.measure, l.amount) FROM prior_learning_facts l WHERE l.enrollment_id = e.id
                 AND l.measure = ANY(%(prior)s) AND l.amount IS NOT NULL AND l.id = (
                     SELECT max(id) FROM prior_learning_facts WHERE enrollment_id = e.id AND measure = l.measure)) END AS prior,
           (SELECT r.district_id FROM residence_facts r WHERE r.enrollment_id = e.id
            AND coalesce(r.from_on, '-infinity') <= e.learning_starts_on ORDER BY r.from_on DESC NULLS LAST LIMIT 1) AS district_id
    FROM enrollment_facts e
    WHERE e.catalogue = %(catalogue)s AND e.learning_starts_on BETWEEN %(first)s AND %(last)s),
work AS (
    SELECT a.id, a.offering_id, a.module_id FROM assignment_facts a WHERE a.offering_id IN (SELECT offering_id FROM enrolled)),
part AS (
    SELECT o.id AS offering_id, m.id AS module_id, count(w.id) AS assigned, m.credit_numerator, m.credit_denominator
    FROM offering_facts o JOIN module_facts m ON m.course_id = o.course_id
    LEFT JOIN work w ON w.offering_id = o.id AND w.module_id = m.id
    WHERE o.id IN (SELECT offering_id FROM enrolled)
    GROUP BY o.id, m.id, m.credit_numerator, m.credit_denominator),
done AS (
    SELECT c.enrollment_id, w.module_id, sum(1 - 2 * (c.sequence %% 2)) AS completed
    FROM completion_facts c JOIN enrolled e ON e.id = c.enrollment_id JOIN work w ON w.id = c.assignment_id
    WHERE c.completed_on <= %(as_of)s AND NOT c.carried_over
      AND c.completed_on BETWEEN coalesce(e.enrolled_on, '-infinity') AND coalesce(e.withdrawn_on, 'infinity')
    GROUP BY c.enrollment_id, w.module_id),
learned AS (
    SELECT e.id, CASE WHEN %(whole)s THEN 0 ELSE part.module_id END AS of_module,
           jsonb_agg(jsonb_build_array(part.credit_numerator, part.credit_denominator, part.assigned, coalesce(done.completed, 0))
                     ORDER BY part.module_id)::text AS work
    FROM enrolled e JOIN part USING (offering_id) LEFT JOIN done ON done.enrollment_id = e.id AND done.module_id = part.module_id
    GROUP BY 1, 2)
SELECT p.code, coalesce(d.code, ''), e.learning_starts_on, CASE WHEN %(by_end)s THEN e.withdrawn_on END, l.work, e.needs,
       e.milestones, coalesce(e.prior, '{}')::text, CASE WHEN %(by_course)s THEN o.course_code ELSE '' END, count(*)
FROM learned l JOIN enrolled e USING (id) JOIN offering_facts o ON o.id = e.offering_id
JOIN provider_facts p ON p.id = e.provider_id LEFT JOIN district_facts d ON d.id = e.district_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def recorded_catalogues() -> list[str]:
    """The codes of the catalogues that have any offering on file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT catalogue FROM offering_facts ORDER BY 1")
        return [code for (code,) in cursor.fetchall()]


def recorded_learning(
    *, catalogue: str, first: datetime.date, last: datetime.date, as_of: datetime.date, policies: Sequence[OverRecord]
) -> Iterator[Alike[Enrolled]]:
    """Learning that started from `first` to `last`, as it stood on `as_of`, in a fixed order: module by module, or a whole
    enrollment at a time where one of the policies prices it so."""
    asked = [one.asked for one in policies]
    values: dict[str, Any] = {
        "catalogue": catalogue,
        "first": first,
        "last": last,
        "as_of": as_of,
        "whole": any(one.whole for one in policies),
        "prior": sorted({measure for one in asked for measure in one.prior_learning}),
        "by_end": any(not one.only_for_work or one.asks("months_learned") or one.asks("days_learned") for one in asked),
        "by_course": any(one.asks("by_course") for one in asked),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        # Whole sets meet whole sets; right after an import, before the tables are counted, the planner takes them for few rows
        # and would walk one for each of the other.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_RECORDED, values)
        for row in cursor.fetchall():
            yield _alike(row, as_of)


def _alike(row: tuple[Any, ...], as_of: datetime.date) -> Alike[Enrolled]:
    provider, district, starts_on, withdrawn_on, work, needs, milestones, prior, course, count = row
    until_on = min(withdrawn_on or as_of, as_of)
    after = until_on + _DAY
    modules = tuple(
        Learning(
            start_of_learning=starts_on,
            credit=Fraction(numerator, denominator),
            assigned=assigned,
            completed=int(completed),
            needs=frozenset(needs),
            milestones=frozenset(milestones),
            prior_learning=tuple((measure, Fraction(amount)) for measure, amount in sorted(json.loads(prior).items())),
            course=course,
            provider=provider,
            months_learned=max(0, (after.year - starts_on.year) * 12 + after.month - starts_on.month),
            days_learned=max(0, (until_on - starts_on).days + 1),
            modules_completed=int(0 < assigned <= completed),
        )
        for numerator, denominator, assigned, completed in json.loads(work)
    )
    begun = starts_on <= as_of and (withdrawn_on is None or withdrawn_on >= starts_on)
    return Alike(provider, district, frozenset(needs), Enrolled(modules, begun), count, len(modules))
