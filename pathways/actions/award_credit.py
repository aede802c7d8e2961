"""Award credit for mastery shown: the one mechanism for regular work, recovery, advancement, outside learning and transfer."""

import datetime
from typing import Any

from django.utils.translation import gettext as _

from database.areas import acting_as
from enrollments.models import Course, Module
from pathways.calc.credit import attained_on, share, total
from pathways.calc.criteria import as_data, evaluate
from pathways.models import CreditAward
from pathways.queries.credit import criteria_of, module_credit, modules_given
from pathways.queries.standing import standings_of
from people.models import User


class AwardRefused(ValueError):
    """Why no credit was awarded, in a sentence for people. `conflict`: what is on record stands against it."""

    def __init__(self, said: str, *, conflict: bool = False) -> None:
        super().__init__(said)
        self.conflict = conflict


def award_credit(
    *,
    student_id: int,
    course_id: int,
    module_id: int | None = None,
    awarded_by: int,
    occasion: str = CreditAward.Occasion.REGULAR,
    at: datetime.datetime,
) -> CreditAward:
    """The credit of a module, or (without one) what a course's modules have not yet given, where the criteria in force are
    met by levels and attested assessments. Nothing else is asked: no hours, no completions. Raises AwardRefused.

    Whoever has met them at whatever pace, wherever it was learned, is awarded in the same way; `occasion` only names it.
    """
    if occasion not in CreditAward.Occasion.values:
        raise AwardRefused(
            _("%(occasion)r is no occasion; there are %(occasion_)s.")
            % {"occasion": occasion, "occasion_": ", ".join(CreditAward.Occasion.values)}
        )
    with acting_as("area_learning"):
        course = Course.objects.filter(pk=course_id).first()
        module = Module.objects.filter(pk=module_id, course_id=course_id).first() if module_id is not None else None
        if course is None or (module_id is not None and module is None):
            raise AwardRefused(_("There is no such course or module; name one that the course has."))
        # Two who award at once: the second sees the first's award.
        if not User.objects.select_for_update(no_key=True).filter(pk=student_id).exists():
            raise AwardRefused(_("There is no such student."))
        what = f"{course.code} {module.code}" if module else course.code
        basis = _basis(student_id, course_id, module, what, at)
        credit = total({given["code"]: given.pop("exact") for given in basis["modules"]})
        criteria_id = basis["criteria"].pop("id")
        ordinal = CreditAward.objects.filter(student_id=student_id, course_id=course_id, module=module).count() + 1
        return CreditAward.objects.create(
            student_id=student_id,
            course=course,
            module=module,
            ordinal=ordinal,
            numerator=credit.numerator,
            denominator=credit.denominator,
            occasion=occasion,
            criteria_id=criteria_id,
            basis=basis,
            attained_on=attained_on(basis["progress"]) or at.date(),
            awarded_by_id=awarded_by,
            recorded_at=at,
        )


def _basis(student_id: int, course_id: int, module: Module | None, what: str, at: datetime.datetime) -> dict[str, Any]:
    """What is given and what it rests on, each statement as it stands now; raises where it may not be given."""
    modules = module_credit([course_id])[course_id]
    shares = share(modules, modules_given([student_id]).get((student_id, course_id), ()), module.code if module else None)
    if not total(modules if module is None else {module.code: modules[module.code]}):
        raise AwardRefused(
            _("%(what)s carries no credit: a course's credit is that of its modules. Give its modules their fractions.")
            % {"what": what}
        )
    if not shares:
        raise AwardRefused(
            _("The credit of %(what)s is awarded already; a further award follows only a revoked one.") % {"what": what}, conflict=True
        )
    criteria = criteria_of(course_id, module.pk if module else None)
    if criteria is None:
        raise AwardRefused(_("No criteria are set for %(what)s; set them, then award.") % {"what": what})
    standing = standings_of([student_id], [criteria.tree], day=at.date(), with_judgments=True)[student_id]
    progress = evaluate(criteria.tree, standing)
    if not progress.met:
        missing = "; ".join(leaf.words for leaf in progress.leaves() if not leaf.met)
        raise AwardRefused(
            _("The criteria of %(what)s are not met yet (%(words)s): %(missing)s.")
            % {"what": what, "words": progress.words, "missing": missing}
        )
    return {
        "criteria": {"id": criteria.row.pk, "uuid": str(criteria.row.uuid), "number": criteria.row.number},
        "modules": [{"code": code, "credit": str(credit), "exact": credit} for code, credit in shares.items()],
        "progress": as_data(progress),
    }
