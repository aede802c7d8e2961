"""The recorded learning of a catalogue, counted by what a policy may ask: read for a simulation, never written."""

import datetime
from collections.abc import Iterator
from fractions import Fraction

from django.db import connection

from funding.calc.engine.recorded import Learning
from funding.calc.simulation import Alike

# Every module of every enrollment, whether begun or not: a milestone pays without a completion. Work counts that was
# done while enrolled; needs and residence are those of the day on which learning started.
_RECORDED = """
WITH enrolled AS (
    SELECT e.id, e.offering_id, e.provider_id, e.enrolled_on, e.withdrawn_on, e.learning_starts_on,
           ARRAY(SELECT n.category FROM need_facts n WHERE n.enrollment_id = e.id
                 AND coalesce(n.from_on, '-infinity') <= e.learning_starts_on
                 AND coalesce(n.to_on, 'infinity') >= e.learning_starts_on
                 GROUP BY 1 HAVING sum(1 - 2 * (n.sequence %% 2)) > 0 ORDER BY 1) AS needs,
           ARRAY(SELECT m.milestone FROM milestone_facts m WHERE m.enrollment_id = e.id AND m.attained_on <= %(as_of)s
                 GROUP BY 1 HAVING sum(1 - 2 * (m.sequence %% 2)) > 0 ORDER BY 1) AS milestones,
           (SELECT r.district_id FROM residence_facts r WHERE r.enrollment_id = e.id
            AND coalesce(r.from_on, '-infinity') <= e.learning_starts_on ORDER BY r.from_on DESC NULLS LAST LIMIT 1) AS district_id
    FROM enrollment_facts e
    WHERE e.catalogue = %(catalogue)s AND e.learning_starts_on BETWEEN %(first)s AND %(last)s),
work AS (
    SELECT a.id, a.offering_id, a.module_id FROM assignment_facts a WHERE a.offering_id IN (SELECT offering_id FROM enrolled)),
part AS (
    SELECT w.offering_id, w.module_id, count(*) AS assigned, m.credit_numerator, m.credit_denominator
    FROM work w JOIN module_facts m ON m.id = w.module_id
    GROUP BY w.offering_id, w.module_id, m.credit_numerator, m.credit_denominator),
done AS (
    SELECT c.enrollment_id, w.module_id, sum(1 - 2 * (c.sequence %% 2)) AS completed
    FROM completion_facts c JOIN enrolled e ON e.id = c.enrollment_id JOIN work w ON w.id = c.assignment_id
    WHERE c.completed_on <= %(as_of)s AND NOT c.carried_over
      AND c.completed_on BETWEEN coalesce(e.enrolled_on, '-infinity') AND coalesce(e.withdrawn_on, 'infinity')
    GROUP BY c.enrollment_id, w.module_id)
SELECT p.code, coalesce(d.code, ''), e.learning_starts_on, part.credit_numerator, part.credit_denominator, part.assigned,
       coalesce(done.completed, 0), e.needs, e.milestones, count(*)
FROM enrolled e JOIN part USING (offering_id) LEFT JOIN done ON done.enrollment_id = e.id AND done.module_id = part.module_id
JOIN provider_facts p ON p.id = e.provider_id LEFT JOIN district_facts d ON d.id = e.district_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def recorded_learning(*, catalogue: str, first: datetime.date, last: datetime.date, as_of: datetime.date) -> Iterator[Alike[Learning]]:
    """Learning that started from `first` to `last`, as it stood on `as_of`, in a fixed order."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        # Whole sets meet whole sets; right after an import, before the tables are counted, the planner takes them for few rows
        # and would walk one for each of the other.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_RECORDED, {"catalogue": catalogue, "first": first, "last": last, "as_of": as_of})
        for provider, district, starts_on, numerator, denominator, assigned, completed, needs, milestones, count in cursor.fetchall():
            learning = Learning(
                starts_on, Fraction(numerator, denominator), assigned, int(completed), frozenset(needs), frozenset(milestones)
            )
            yield Alike(provider, district, learning.needs, learning, count)
