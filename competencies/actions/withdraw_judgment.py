"""Withdraw a judgement by a further record: today's level is as if it had never been, earlier days stay as they were known."""

import datetime

from competencies.actions.keep_levels import keep_levels, touch_cells
from competencies.models import JudgmentWithdrawal, MasteryJudgment
from database.areas import acting_as


class WithdrawalRefused(ValueError):
    """Why a judgement was not withdrawn, in a sentence for people."""


def withdraw_judgment(*, judgment_id: int, withdrawn_by: int, reason: str, at: datetime.datetime) -> None:
    """Withdraw it with a reason, once; `at` is aware, UTC. Raises WithdrawalRefused."""
    if not reason.strip():
        raise WithdrawalRefused("A withdrawal gives its reason.")
    with acting_as("area_learning"):
        judgment = MasteryJudgment.objects.filter(pk=judgment_id).first()
        if judgment is None:
            raise WithdrawalRefused("There is no such judgement.")
        touch_cells([(judgment.student_id, judgment.competency_id)])
        if JudgmentWithdrawal.objects.filter(judgment=judgment).exists():
            raise WithdrawalRefused("This judgement is withdrawn already; judging again is a new judgement.")
        if at < judgment.recorded_at:
            raise WithdrawalRefused("A judgement is withdrawn after it was recorded.")
        JudgmentWithdrawal.objects.create(judgment=judgment, reason=reason.strip(), withdrawn_by_id=withdrawn_by, recorded_at=at)
        keep_levels()
