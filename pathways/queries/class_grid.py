"""The grid of a class: its students down, the competencies of its course across. Expects to run under area_learning."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from competencies.queries.levels import LevelNow, levels_now
from competencies.queries.scales import newest_of_scales
from competencies.queries.spread import spread
from pathways.models import CourseCompetency
from people.access import StudentInReach

# Four shades are told apart in grey; a longer scale shares them, in order.
SHADES = 4


@dataclass(frozen=True, slots=True)
class ScaleShown:
    """The newest version of a scale: what digits mean in the columns judged by it."""

    version_id: int
    labels: tuple[str, ...]
    proficient_rank: int


@dataclass(frozen=True, slots=True)
class Column:
    """A competency of the course, in the order of its grid; `scale_id` is its framework's."""

    id: int
    uuid: UUID
    code: str
    statement: str
    scale_id: int
    scale: ScaleShown


@dataclass(frozen=True, slots=True)
class GridCell:
    """A student's level of a column; None is no evidence, a state of its own. `old_label` only where the level counts in an
    older version of the scale than the column's, so that its number means something else."""

    level: LevelNow | None
    shade: int
    old_label: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How the levels of a class are spread over a column: `counts[0]` have no evidence, `counts[rank]` that level."""

    counts: tuple[int, ...]
    mastered: int


@dataclass(frozen=True, slots=True)
class ClassGrid:
    """Columns, the scales that they are judged by, a row of cells for each student asked for, in that order, and how the levels
    of the whole class are spread over each column."""

    columns: list[Column]
    scales: list[ScaleShown]
    rows: list[tuple[StudentInReach, list[GridCell]]]
    spreads: list[Spread]


@dataclass(frozen=True, slots=True)
class ClassColumns:
    """The class's id, and the competencies of its grid by uuid."""

    section_id: int
    ids: dict[UUID, int]


def columns_of_class(section: UUID) -> ClassColumns | None:
    """None where there is no such class, or its course names no competency. One query; asks nobody's right."""
    rows = CourseCompetency.objects.filter(course__sections__uuid=section, competency__retired_on__isnull=True)
    found = list(rows.values_list("course__sections__id", "competency__uuid", "competency_id"))
    return ClassColumns(found[0][0], {key: pk for _, key, pk in found}) if found else None


def columns_of(course_id: int) -> list[Column]:
    """The competencies of a course that are not retired. Two queries."""
    rows = list(
        CourseCompetency.objects.filter(course_id=course_id, competency__retired_on__isnull=True)
        .order_by("position", "id")
        .values_list(
            "competency_id", "competency__uuid", "competency__code", "competency__statement", "competency__framework__scale_id"
        )
    )
    shown = {
        scale: ScaleShown(version.pk, tuple(level["label"] for level in version.levels), version.proficient_rank)
        for scale, version in newest_of_scales({row[-1] for row in rows}).items()
    }
    return [Column(*row, shown[row[-1]]) for row in rows]


def class_grid(
    *, course_id: int, students: Sequence[StudentInReach], in_class: Sequence[StudentInReach], day: datetime.date
) -> ClassGrid:
    """The grid of these students, some of those in the class on the course. Five queries at most, however many cells."""
    columns = columns_of(course_id)
    levels = levels_now([one.id for one in students], [column.id for column in columns], day=day) if students and columns else {}
    rows = [(student, [cell_of(levels.get((student.id, column.id)), column) for column in columns]) for student in students]
    return ClassGrid(columns, scales_of(columns), rows, spreads_of(columns, in_class))


def scales_of(columns: Sequence[Column]) -> list[ScaleShown]:
    """The scales of the columns, each once."""
    return list({column.scale.version_id: column.scale for column in columns}.values())


def spreads_of(columns: Sequence[Column], students: Sequence[StudentInReach]) -> list[Spread]:
    """How the students' levels are spread over each column. Two queries at most. Mastered is by the scale alone: what an
    individual plan says of one student stands in the student's own cell."""
    found = spread([one.id for one in students], {column.id: column.scale.version_id for column in columns})
    spreads = []
    for column in columns:
        ranks = [found.get(column.id, {}).get(rank, 0) for rank in range(1, len(column.scale.labels) + 1)]
        counts = (len(students) - sum(ranks), *ranks)
        spreads.append(Spread(counts, sum(ranks[column.scale.proficient_rank - 1 :])))
    return spreads


def shade_of(rank: int, highest: int) -> int:
    """1 to SHADES."""
    return -(-rank * SHADES // highest)


def cell_of(level: LevelNow | None, column: Column) -> GridCell:
    """How a column shows a level of its competency."""
    if level is None:
        return GridCell(None, 0, "")
    highest = max(len(column.scale.labels), level.rank)
    return GridCell(level, shade_of(level.rank, highest), "" if level.version_id == column.scale.version_id else level.label)
