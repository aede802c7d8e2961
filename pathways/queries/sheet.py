"""A student's record on one sheet of paper: what a guardian reads, prints and may share. Expects to run under area_learning.

What does not fit is counted, not printed: everything stands on the plan's own pages. The newest comes first.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pathways.queries.credit import AwardShown
from pathways.queries.plan import Plan, PlanLine, plan_on
from pathways.queries.plan_cell import words_of_levels
from pathways.queries.plan_credit import CreditOnTheWay, credit_told
from pathways.queries.progress import RequirementProgress

# Tried with long statements: so many lines of each fill one sheet of paper, and no more.
MASTERED, FOCUS, NEXT, CREDIT, REQUIREMENTS, CATCH_UP = 6, 4, 4, 4, 3, 2


@dataclass(frozen=True, slots=True)
class Told:
    """A competency and how its level came about, in the record's words; "" where nothing is judged yet."""

    line: PlanLine
    words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Each list is cut to what fits; `more_...` counts what was left out of it."""

    plan: Plan
    mastered: Sequence[Told]
    more_mastered: int
    focus: Sequence[Told]
    more_focus: int
    next: Sequence[PlanLine]
    more_next: int
    earned: Sequence[AwardShown]
    more_earned: int
    credit: Fraction
    on_the_way: Sequence[CreditOnTheWay]
    more_on_the_way: int
    requirements: Sequence[RequirementProgress]
    more_requirements: int


def sheet_of(*, student_id: int, day: datetime.date) -> Sheet:
    """The sheet as the record reads on `day`; the same number of queries whatever there is on it."""
    plan, words = plan_on(student_id=student_id, day=day), words_of_levels(student_id, day)
    credit = credit_told(student_id=student_id, day=day)
    mastered = sorted(plan.mastered, key=lambda line: line.level.last_worked_on if line.level else day, reverse=True)
    return Sheet(
        plan=plan,
        mastered=_told(mastered[:MASTERED], words),
        more_mastered=_more(mastered, MASTERED),
        focus=_told(plan.focus[:FOCUS], words),
        more_focus=_more(plan.focus, FOCUS),
        next=plan.next[:NEXT],
        more_next=_more(plan.next, NEXT),
        earned=credit.earned[:CREDIT],
        more_earned=_more(credit.earned, CREDIT),
        credit=credit.sum,
        on_the_way=credit.on_the_way[:CREDIT],
        more_on_the_way=_more(credit.on_the_way, CREDIT),
        requirements=credit.requirements[:REQUIREMENTS],
        more_requirements=_more(credit.requirements, REQUIREMENTS),
    )


def _told(lines: Sequence[PlanLine], words: Mapping[int, str]) -> list[Told]:
    return [Told(line, words.get(line.node.id, "")) for line in lines]


def _more(every: Sequence[object], shown: int) -> int:
    return max(len(every) - shown, 0)
