"""The flow of a class: how many competencies were mastered each week, and where it is slow. Expects to run under area_learning."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from competencies.calc.level import read_story
from competencies.queries.levels import criteria_and_scales
from competencies.queries.stories import STORY
from pathways.calc.flow import CellFlow, CompetencyFlow, by_week, first_mastery, over_class
from pathways.queries.class_grid import Column, columns_of

# One row a cell, however many judgements: its story and the days of the work, both in the order of the cell.
_CELLS = f"""
WITH handed AS (
    SELECT e.student_id, t.competency_id, min(e.worked_on) AS worked_on
    FROM learning.competencies_evidence e JOIN learning.competencies_evidencecompetency t ON t.evidence_id = e.id
    WHERE e.student_id = ANY(%(students)s) AND t.competency_id = ANY(%(competencies)s) GROUP BY 1, 2
)
SELECT j.student_id, j.competency_id, {STORY}, array_agg(j.worked_on ORDER BY j.worked_on, j.recorded_at, j.id),
       min(h.worked_on)
FROM learning.competencies_masteryjudgment j
LEFT JOIN handed h ON h.student_id = j.student_id AND h.competency_id = j.competency_id
WHERE j.student_id = ANY(%(students)s) AND j.competency_id = ANY(%(competencies)s)
  AND NOT EXISTS (SELECT FROM learning.competencies_judgmentwithdrawal w WHERE w.judgment_id = j.id)
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class ClassFlow:
    """`weeks` are (Monday, how many were mastered) from the term's first day on; `competencies` the slowest first, those that
    nobody began last."""

    weeks: list[tuple[datetime.date, int]]
    competencies: list[tuple[Column, CompetencyFlow]]

    @property
    def mastered(self) -> int:
        """How many cells reached mastery in the weeks shown."""
        return sum(count for _, count in self.weeks)

    @property
    def judged(self) -> bool:
        """Whether anything has been judged at all."""
        return any(flow.began for _, flow in self.competencies)


def class_flow(
    *, course_id: int, student_ids: Collection[int], first: datetime.date, last: datetime.date, day: datetime.date
) -> ClassFlow:
    """The flow of these students on the course's competencies, in the weeks from `first` to `last`. Four queries; the rule of a
    scale runs once for each distinct story."""
    columns = columns_of(course_id)
    cells = _cells(student_ids, [column.id for column in columns], day) if columns and student_ids else {}
    flows = [(column, over_class(cells.get(column.id, []))) for column in columns]
    mastered = [one.mastered_on for ones in cells.values() for one in ones if one.mastered_on is not None]
    flows.sort(key=lambda pair: (pair[1].began == 0, -pair[1].slowness))
    return ClassFlow(by_week(mastered, first, last), flows)


def _cells(student_ids: Collection[int], competency_ids: Collection[int], day: datetime.date) -> dict[int, list[CellFlow]]:
    """{competency id: the cells that are judged}. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, {"students": list(student_ids), "competencies": list(competency_ids)})
        rows = cursor.fetchall()
    stories = {row[2]: read_story(row[2]) for row in rows}
    versions = {entry.version_id for entries in stories.values() for entry in entries}
    criteria, scales = criteria_and_scales(student_ids, versions, day)
    places = {story: first_mastery(entries, scales, None) for story, entries in stories.items()}
    found: dict[int, list[CellFlow]] = defaultdict(list)
    for student, competency, story, days, handed_in in rows:
        criterion = criteria.get((student, competency))
        place = places[story] if criterion is None else first_mastery(stories[story], scales, criterion)
        mastered_on = None if place is None else days[place]
        # Work may be dated anew after it was judged; a way never begins after its end.
        begun_on = min(days[0], handed_in or days[0])
        found[competency].append(CellFlow(len(days), begun_on, mastered_on))
    return found
