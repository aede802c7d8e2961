"""Credit as a plan's page tells it: earned, and on the way in the courses of the day. Expects to run under area_learning."""

import datetime
from dataclasses import dataclass
from fractions import Fraction

from pathways.calc.credit import share, total
from pathways.calc.criteria import Progress, evaluate
from pathways.queries.credit import AwardShown, awards_of, criteria_in_force, module_credit
from pathways.queries.ground import courses_of
from pathways.queries.progress import RequirementProgress, progress_of
from pathways.queries.standing import standings_of


@dataclass(frozen=True, slots=True)
class CreditOnTheWay:
    """What a course of the student, or a module of it, still asks for, and the credit that it then gives."""

    title: str
    credit: Fraction
    progress: Progress


@dataclass(frozen=True, slots=True)
class CreditTold:
    """`earned` are the awards that stand, the newest first, `sum` their credit."""

    earned: tuple[AwardShown, ...]
    sum: Fraction
    on_the_way: tuple[CreditOnTheWay, ...]
    requirements: tuple[RequirementProgress, ...]


def credit_told(*, student_id: int, day: datetime.date) -> CreditTold:
    """A student's credit on `day`; the same number of queries whatever there is of it."""
    earned = tuple(award for award in reversed(awards_of([student_id], day=day)) if not award.revoked)
    return CreditTold(
        earned=earned,
        sum=sum((award.credit for award in earned), Fraction(0)),
        on_the_way=_on_the_way(student_id, day, earned),
        requirements=tuple(progress_of(student_id, day=day)),
    )


def _on_the_way(student_id: int, day: datetime.date, earned: tuple[AwardShown, ...]) -> tuple[CreditOnTheWay, ...]:
    in_force = criteria_in_force(list(courses_of(student_id, day).values_list("pk", flat=True)))
    if not in_force:
        return ()
    standing = standings_of([student_id], [criteria.tree for criteria in in_force.values()], day=day)[student_id]
    credit = module_credit({course for course, _ in in_force})
    found = []
    for (course, _), criteria in sorted(in_force.items(), key=lambda entry: (entry[0][0], entry[0][1] or 0)):
        given = {part["code"] for award in earned if award.row.course_id == course for part in award.row.basis["modules"]}
        module = criteria.row.module
        shares = share(credit[course], given, module.code if module else None)
        if not shares:
            continue
        of = criteria.row.course.title
        title = f"{of}: {module.title}" if module else of
        found.append(CreditOnTheWay(title, total(shares), evaluate(criteria.tree, standing)))
    return tuple(found)
