"""Lines of a class: one competency over its students, or one student over its competencies, each level with its words and the
evidence. Expects to run under area_learning."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from competencies.calc.explaining import explain
from competencies.calc.level import counted, level_of
from competencies.models import EvidenceCompetency
from competencies.queries.journal import journal_of
from competencies.queries.levels import criteria_and_scales, level_by
from pathways.queries.class_grid import Column, GridCell, cell_of
from people.access import StudentInReach


@dataclass(frozen=True, slots=True)
class Line:
    """A cell told: `words` how its level came about, "" for no evidence; `work` the newest evidence, (title, day), and `pieces`
    how many there are."""

    student: StudentInReach
    column: Column
    cell: GridCell
    words: str
    work: tuple[str, datetime.date] | None
    pieces: int

    @property
    def cells(self) -> list[GridCell]:
        return [self.cell]


def class_lines(*, students: Sequence[StudentInReach], columns: Sequence[Column], day: datetime.date) -> list[Line]:
    """A line for each student, and for each column within. Three queries, however many lines."""
    student_ids, competency_ids = [one.id for one in students], [column.id for column in columns]
    journal = {cell: counted(judged) for cell, judged in journal_of(student_ids, competency_ids).items()}
    version_ids = {one.entry.version_id for judged in journal.values() for one in judged}
    criteria, scales = criteria_and_scales(student_ids, version_ids, day)
    work: dict[tuple[int, int], list[tuple[str, datetime.date]]] = {}
    tied = EvidenceCompetency.objects.filter(evidence__student_id__in=student_ids, competency_id__in=competency_ids)
    for student_id, competency_id, title, worked_on in tied.order_by("-evidence__worked_on", "-evidence_id").values_list(
        "evidence__student_id", "competency_id", "evidence__title", "evidence__worked_on"
    ):
        work.setdefault((student_id, competency_id), []).append((title, worked_on))
    lines = []
    for student in students:
        for column in columns:
            cell = (student.id, column.id)
            standing, pieces = journal.get(cell, []), work.get(cell, [])
            entries = [one.entry for one in standing]
            lines.append(
                Line(
                    student=student,
                    column=column,
                    cell=cell_of(level_by(standing, scales, criteria.get(cell)) if standing else None, column),
                    words=explain(level_of(entries, scales), entries, scales).words if standing else "",
                    work=pieces[0] if pieces else None,
                    pieces=len(pieces),
                )
            )
    return lines
