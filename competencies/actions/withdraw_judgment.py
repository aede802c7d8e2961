"""Withdraw judgements by a further record: today's level is as if they had never been, earlier days stay as they were known."""

import datetime
from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from competencies.actions.keep_levels import keep_levels, touch_cells
from competencies.models import JudgmentWithdrawal, MasteryJudgment
from database.areas import acting_as


class WithdrawalRefused(ValueError):
    """Why a judgement was not withdrawn, in a sentence for people."""


def withdraw_judgment(*, judgment_id: int, withdrawn_by: int, reason: str, at: datetime.datetime) -> None:
    """Withdraw it with a reason, once; `at` is aware, UTC. Raises WithdrawalRefused."""
    if not reason.strip():
        raise WithdrawalRefused(_("A withdrawal gives its reason."))
    with acting_as("area_learning"):
        judgment = MasteryJudgment.objects.filter(pk=judgment_id).first()
        if judgment is None:
            raise WithdrawalRefused(_("There is no such judgement."))
        touch_cells([(judgment.student_id, judgment.competency_id)])
        if JudgmentWithdrawal.objects.filter(judgment=judgment).exists():
            raise WithdrawalRefused(_("This judgement is withdrawn already; judging again is a new judgement."))
        if at < judgment.recorded_at:
            raise WithdrawalRefused(_("A judgement is withdrawn after it was recorded."))
        JudgmentWithdrawal.objects.create(judgment=judgment, reason=reason.strip(), withdrawn_by_id=withdrawn_by, recorded_at=at)
        keep_levels()


def withdraw_edits(
    *, edit_keys: Collection[UUID], student_ids: Collection[int], judged_by: int, reason: str, at: datetime.datetime
) -> list[tuple[int, int]]:
    """Withdraw what `judged_by` recorded for these students under these edit keys, all at once; the cells (student id,
    competency id) of all that is withdrawn now, those withdrawn before among them. Keys of anything else are passed over."""
    with acting_as("area_learning"):
        named = MasteryJudgment.objects.filter(edit_key__in=edit_keys, judged_by_id=judged_by, student_id__in=student_ids)
        found = {one.pk: (one.student_id, one.competency_id) for one in named}
        touch_cells(set(found.values()))
        gone = set(JudgmentWithdrawal.objects.filter(judgment__in=found).values_list("judgment_id", flat=True))
        JudgmentWithdrawal.objects.bulk_create(
            JudgmentWithdrawal(judgment_id=pk, reason=reason, withdrawn_by_id=judged_by, recorded_at=at)
            for pk in found
            if pk not in gone
        )
        keep_levels()
        return list(dict.fromkeys(found.values()))
