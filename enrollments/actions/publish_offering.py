"""Put a provider's offering of a course on the list, with its modules and assignments."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from database.areas import acting_as
from enrollments.actions.draw_batch import draw_batch
from enrollments.models import Assignment, Course, Module, Offering, SourceSystem
from people.models import Organization


@dataclass(frozen=True)
class Work:
    """An assignment to be: `module` is the module's code, `due_after_days` counts from the offering's start."""

    module: str
    code: str
    title: str
    due_after_days: int
    stakes: str = "low"


def publish_offering(
    *,
    source_system: SourceSystem,
    provider: Organization,
    course_code: str,
    course_title: str,
    modules: dict[str, Fraction],
    code: str,
    starts_on: datetime.date,
    length_days: int,
    work: Sequence[Work],
    entry: str = "fixed",
) -> Offering:
    """The offering; `modules` maps each module's code to its exact credit. The course is made on first use."""
    with acting_as("area_learning"):
        course, _ = Course.objects.get_or_create(catalogue=source_system.catalogue, code=course_code, defaults={"title": course_title})
        by_code = {
            module: Module.objects.get_or_create(
                course=course,
                code=module,
                defaults={
                    "title": f"{course_title}, {module}",
                    "credit_numerator": credit.numerator,
                    "credit_denominator": credit.denominator,
                },
            )[0]
            for module, credit in modules.items()
        }
        offering = Offering.objects.create(
            course=course, provider=provider, code=code, starts_on=starts_on, length_days=length_days, entry=entry
        )

        def write(batch: int) -> int:
            rows = [
                Assignment(
                    offering=offering,
                    module=by_code[item.module],
                    code=item.code,
                    title=item.title,
                    stakes=item.stakes,
                    due_on=starts_on + datetime.timedelta(days=item.due_after_days),
                    batch_id=batch,
                )
                for item in work
            ]
            return len(Assignment.objects.bulk_create(rows))

        draw_batch(source_system_id=source_system.pk, kind="offering", write=write)
        return offering
