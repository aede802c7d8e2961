"""Enroll students, many at once, with where they live and what they need."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from database.areas import acting_as
from enrollments.actions.draw_batch import draw_batch
from enrollments.models import Enrollment, Need, Residence, SourceSystem


@dataclass(frozen=True)
class NewEnrollment:
    """`code` is the roster's number for it; `needs` are Need.Category values; the days as in `Enrollment`."""

    code: str
    student_id: int
    offering_id: int
    enrolled_on: datetime.date | None
    withdrawn_on: datetime.date | None = None
    district_id: int | None = None
    needs: tuple[str, ...] = ()


def enroll(*, source_system: SourceSystem, enrollments: Sequence[NewEnrollment]) -> None:
    """All of them in one batch; a code that is on file already is an IntegrityError and nothing is written."""

    def write(batch: int) -> int:
        made = Enrollment.objects.bulk_create(
            [
                Enrollment(
                    code=one.code,
                    student_id=one.student_id,
                    offering_id=one.offering_id,
                    enrolled_on=one.enrolled_on,
                    withdrawn_on=one.withdrawn_on,
                    batch_id=batch,
                )
                for one in enrollments
            ]
        )
        together = list(zip(made, enrollments, strict=True))
        Residence.objects.bulk_create(
            [
                Residence(enrollment=row, district_id=one.district_id, from_on=one.enrolled_on, batch_id=batch)
                for row, one in together
                if one.district_id
            ]
        )
        Need.objects.bulk_create(
            [
                Need(enrollment=row, category=need, from_on=one.enrolled_on, batch_id=batch)
                for row, one in together
                for need in one.needs
            ]
        )
        return len(made)

    with acting_as("area_learning"):
        draw_batch(source_system_id=source_system.pk, kind="enrollments", write=write)
