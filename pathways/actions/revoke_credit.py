"""Revoke an award by a further record, with its reason; the award stays readable."""

import datetime

from django.utils.translation import gettext as _

from database.areas import acting_as
from pathways.models import CreditAward, CreditRevocation


class RevocationRefused(ValueError):
    """Why an award was not revoked, in a sentence for people. `conflict`: it is revoked already."""

    def __init__(self, said: str, *, conflict: bool = False) -> None:
        super().__init__(said)
        self.conflict = conflict


def revoke_credit(*, award_id: int, revoked_by: int, reason: str, at: datetime.datetime) -> None:
    """Raises RevocationRefused without a reason, or where it is revoked already. A new award may follow."""
    if not reason.strip():
        raise RevocationRefused(_("Give the reason: the student and the record have to live with it."))
    with acting_as("area_learning"):
        award = CreditAward.objects.filter(pk=award_id).first()
        if award is None:
            raise RevocationRefused(_("There is no such award."))
        _kept, made = CreditRevocation.objects.get_or_create(
            award=award, defaults={"reason": reason.strip(), "revoked_by_id": revoked_by, "recorded_at": at}
        )
        if not made:
            raise RevocationRefused(_("This award is revoked already; nothing was changed."), conflict=True)
