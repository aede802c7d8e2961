"""Award credit for mastery shown: the one mechanism for regular work, recovery, advancement, outside learning and transfer."""

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from database.areas import acting_as
from enrollments.models import Course, Module
from pathways.calc.credit import attained_on, share, total
from pathways.calc.criteria import Standing, as_data, evaluate
from pathways.models import CreditAward
from pathways.queries.credit import Criteria, Place, criteria_in_force, module_credit, modules_given
from pathways.queries.standing import standings_of
from people.models import User


class AwardRefused(ValueError):
    """Why no credit was awarded, in a sentence for people. `conflict`: what is on record stands against it."""

    def __init__(self, said: str, *, conflict: bool = False) -> None:
        super().__init__(said)
        self.conflict = conflict


@dataclass(frozen=True, slots=True)
class AwardWish:
    """Credit to be awarded: of a module, or (None) what a course's modules have not yet given."""

    student_id: int
    course_id: int
    module_id: int | None = None


def award_credit(
    *,
    student_id: int,
    course_id: int,
    module_id: int | None = None,
    awarded_by: int,
    occasion: str = CreditAward.Occasion.REGULAR,
    at: datetime.datetime,
) -> CreditAward:
    """`award_credits` for one; raises AwardRefused."""
    wish = AwardWish(student_id, course_id, module_id)
    (made,) = award_credits(wishes=[wish], awarded_by=awarded_by, occasion=occasion, at=at)
    if isinstance(made, AwardRefused):
        raise made
    return made


def award_credits(
    *,
    wishes: Sequence[AwardWish],
    awarded_by: int,
    occasion: str = CreditAward.Occasion.REGULAR,
    at: datetime.datetime,
) -> list[CreditAward | AwardRefused]:
    """The credit of modules, or what courses' modules have not yet given, where the criteria in force are met by levels and
    attested assessments. Nothing else is asked: no hours, no completions. For each wish in its order the award, or why there
    is none; the same number of statements whatever their number.

    Whoever has met them at whatever pace, wherever it was learned, is awarded in the same way; `occasion` only names it.
    """
    if occasion not in CreditAward.Occasion.values:
        refused = AwardRefused(
            _("%(occasion)r is no occasion; there are %(occasion_)s.")
            % {"occasion": occasion, "occasion_": ", ".join(CreditAward.Occasion.values)}
        )
        return [refused for _ in wishes]
    with acting_as("area_learning"):
        ground = _ground(wishes, at)
        found: list[CreditAward | AwardRefused] = []
        for wish in wishes:
            try:
                found.append(_award(wish, ground, awarded_by=awarded_by, occasion=occasion, at=at))
            except AwardRefused as refused:
                found.append(refused)
        CreditAward.objects.bulk_create(one for one in found if isinstance(one, CreditAward))
    return found


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is on record for the wishes: `given` and `ordinals` go along with the awards that are made."""

    courses: Mapping[int, Course]
    modules: Mapping[int, Module]
    students: frozenset[int]
    credit: Mapping[int, Mapping[str, Fraction]]
    given: dict[tuple[int, int], set[str]]
    ordinals: Counter[tuple[int, int, int | None]]
    criteria: Mapping[Place, Criteria]
    standings: Mapping[int, Standing]


def _ground(wishes: Sequence[AwardWish], at: datetime.datetime) -> _Ground:
    course_ids = {wish.course_id for wish in wishes}
    # Two who award at once: the second sees the first's award.
    locked = User.objects.select_for_update(no_key=True).filter(pk__in={wish.student_id for wish in wishes}).order_by("pk")
    students = frozenset(locked.values_list("pk", flat=True))
    in_force = criteria_in_force(course_ids)
    asked = {(wish.course_id, wish.module_id) for wish in wishes}
    trees = [criteria.tree for place, criteria in in_force.items() if place in asked]
    made = CreditAward.objects.filter(student_id__in=students, course_id__in=course_ids)
    return _Ground(
        courses=Course.objects.in_bulk(course_ids),
        modules=Module.objects.in_bulk({wish.module_id for wish in wishes if wish.module_id is not None}),
        students=students,
        credit=module_credit(course_ids),
        given=modules_given(students),
        ordinals=Counter(made.values_list("student_id", "course_id", "module_id")),
        criteria=in_force,
        standings=standings_of(students, trees, day=at.date(), with_judgments=True),
    )


def _award(wish: AwardWish, ground: _Ground, *, awarded_by: int, occasion: str, at: datetime.datetime) -> CreditAward:
    """The award of one wish, not yet written; raises AwardRefused."""
    course = ground.courses.get(wish.course_id)
    module = ground.modules.get(wish.module_id) if wish.module_id is not None else None
    if course is None or (wish.module_id is not None and (module is None or module.course_id != course.pk)):
        raise AwardRefused(_("There is no such course or module; name one that the course has."))
    if wish.student_id not in ground.students:
        raise AwardRefused(_("There is no such student."))
    basis = _basis(wish, ground, module, f"{course.code} {module.code}" if module else course.code)
    credit = total({given["code"]: given.pop("exact") for given in basis["modules"]})
    criteria_id = basis["criteria"].pop("id")
    place = (wish.student_id, wish.course_id, wish.module_id)
    ground.ordinals[place] += 1
    ground.given.setdefault((wish.student_id, wish.course_id), set()).update(given["code"] for given in basis["modules"])
    return CreditAward(
        student_id=wish.student_id,
        course=course,
        module=module,
        ordinal=ground.ordinals[place],
        numerator=credit.numerator,
        denominator=credit.denominator,
        occasion=occasion,
        criteria_id=criteria_id,
        basis=basis,
        attained_on=attained_on(basis["progress"]) or at.date(),
        awarded_by_id=awarded_by,
        recorded_at=at,
    )


def _basis(wish: AwardWish, ground: _Ground, module: Module | None, what: str) -> dict[str, Any]:
    """What is given and what it rests on, each statement as it stands now; raises where it may not be given."""
    modules = ground.credit.get(wish.course_id, {})
    shares = share(modules, ground.given.get((wish.student_id, wish.course_id), ()), module.code if module else None)
    if not total(modules if module is None else {module.code: modules[module.code]}):
        raise AwardRefused(
            _("%(what)s carries no credit: a course's credit is that of its modules. Give its modules their fractions.")
            % {"what": what}
        )
    if not shares:
        raise AwardRefused(
            _("The credit of %(what)s is awarded already; a further award follows only a revoked one.") % {"what": what}, conflict=True
        )
    criteria = ground.criteria.get((wish.course_id, wish.module_id))
    if criteria is None:
        raise AwardRefused(_("No criteria are set for %(what)s; set them, then award.") % {"what": what})
    progress = evaluate(criteria.tree, ground.standings[wish.student_id])
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
