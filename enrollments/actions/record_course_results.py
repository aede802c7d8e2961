"""Record how courses ended: accountability's fact, which funding cannot read."""

from collections.abc import Mapping

from database.areas import acting_as
from enrollments.actions.draw_batch import draw_batch
from enrollments.models import CourseResult, Enrollment, SourceSystem


def record_course_results(*, source_system: SourceSystem, outcomes: Mapping[str, str]) -> None:
    """`outcomes` maps an enrollment's code to a CourseResult.Outcome; the latest of an enrollment counts. One batch."""

    def write(batch: int) -> int:
        ids = dict(Enrollment.objects.filter(code__in=list(outcomes)).values_list("code", "id"))
        results = [CourseResult(enrollment_id=ids[code], outcome=outcomes[code], batch_id=batch) for code in sorted(ids)]
        return len(CourseResult.objects.bulk_create(results))

    with acting_as("area_learning"):
        draw_batch(source_system_id=source_system.pk, kind="course_results", write=write)
