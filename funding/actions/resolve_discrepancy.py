"""Resolve discrepancies: a person's decision with a reason. The program's next night takes it into account."""

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext as _

from database.areas import acting_as
from funding.models import Discrepancy, DiscrepancyResolution, Program

Outcome = DiscrepancyResolution.Outcome
# Work that is on file and only lies outside its enrollment's dates can be paid for; a row that matched nothing cannot.
ACCEPTABLE = frozenset({Discrepancy.Kind.AFTER_WITHDRAWAL, Discrepancy.Kind.BEFORE_ENROLLMENT})


class ResolutionRefused(ValueError):
    """Why nothing was resolved, in a sentence for people."""


def resolve_discrepancy(*, discrepancy_id: int, outcome: str, reason: str, resolved_by: int) -> None:
    """One discrepancy; see `resolve_discrepancies`."""
    resolve_discrepancies(discrepancy_ids=[discrepancy_id], outcome=outcome, reason=reason, resolved_by=resolved_by)


def resolve_discrepancies(*, discrepancy_ids: Collection[int], outcome: str, reason: str, resolved_by: int) -> None:
    """Resolve all of them with one outcome (`accepted` or `dismissed`) and one reason, or none of them.

    `resolved_by` is the id of a user who may resolve (funding/access.py asks). What is accepted pays, and what is
    dismissed stops being held, in the program's next night. Raises ResolutionRefused.
    """
    ids = sorted(set(discrepancy_ids))
    if outcome not in (Outcome.ACCEPTED, Outcome.DISMISSED):
        raise ResolutionRefused(_("A person accepts or dismisses; %(outcome)r is neither.") % {"outcome": outcome})
    if not reason.strip():
        raise ResolutionRefused(_("Give a reason."))
    with acting_as("area_funding"), connection.cursor() as cursor:
        found = {row.pk: row for row in Discrepancy.objects.filter(pk__in=ids).order_by("pk")}
        if missing := [pk for pk in ids if pk not in found]:
            raise ResolutionRefused(_("There is no discrepancy %(missing)s.") % {"missing": _listed(missing)})
        if outcome == Outcome.ACCEPTED and (unfit := [pk for pk in ids if found[pk].kind not in ACCEPTABLE]):
            raise ResolutionRefused(
                _(
                    "%(unfit)s cannot be accepted: the row matched nothing that could be paid. "
                    "Dismiss it, or have the provider correct it at the source."
                )
                % {"unfit": _listed(unfit)}
            )
        # A night that is opening lists what was resolved and marks it as taken into account: it must see the same both times.
        programs = sorted({row.program_id for row in found.values()})
        list(Program.objects.select_for_update(no_key=True).filter(pk__in=programs).order_by("pk"))
        cursor.execute(
            "INSERT INTO funding_discrepancyresolution (discrepancy_id, outcome, reason, resolved_by) "
            "SELECT unnest(%s::bigint[]), %s, %s, %s ON CONFLICT DO NOTHING RETURNING discrepancy_id",
            [ids, outcome, reason.strip(), resolved_by],
        )
        written = {pk for (pk,) in cursor.fetchall()}
        if late := [pk for pk in ids if pk not in written]:
            raise ResolutionRefused(
                _("%(late)s was resolved already. Nothing was changed; take it out and try again.") % {"late": _listed(late)}
            )


def _listed(ids: list[int]) -> str:
    return ", ".join(f"#{pk}" for pk in ids)
