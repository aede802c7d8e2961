"""Who may do what in the office: the one place that decides. Every view declares a right of RIGHTS.

Provider staff see their own provider alone; what belongs to another is answered like what does not exist.
"""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from funding.queries.rows import rows
from people.access import user_by_username
from people.roles import AUDITOR, FINANCE_OFFICER, PAYMENT_RELEASER, PROVIDER_STAFF, HeldRoles, roles_of, roles_on

WHOLE_OFFICE = frozenset({FINANCE_OFFICER, PAYMENT_RELEASER, AUDITOR})

# {right: the roles that have it}. Who may read everything is WHOLE_OFFICE; provider staff read within their own.
RIGHTS: dict[str, frozenset[str]] = {
    "enter": WHOLE_OFFICE | {PROVIDER_STAFF},
    "see_nights": WHOLE_OFFICE,
    "see_statements": WHOLE_OFFICE | {PROVIDER_STAFF},
    "see_discrepancies": frozenset({FINANCE_OFFICER, AUDITOR, PROVIDER_STAFF}),
    "release_batch": frozenset({PAYMENT_RELEASER}),
    "close_period": frozenset({FINANCE_OFFICER}),
    "pay_ahead": frozenset({FINANCE_OFFICER}),
    "resolve_discrepancy": frozenset({FINANCE_OFFICER}),
    "look_up_student": frozenset({AUDITOR}),
    "appropriate": frozenset({FINANCE_OFFICER}),
    # Who audits approves nothing: what was approved has to be found wanting by somebody who did not (docs/decisions/0018).
    "write_policy": frozenset({FINANCE_OFFICER}),
    "approve_policy": frozenset({FINANCE_OFFICER, PAYMENT_RELEASER}),
}


@dataclass(frozen=True)
class Viewer:
    """Whoever sends a request to the office. `provider_ids` is None where every provider may be seen."""

    user_id: int
    kinds: frozenset[str]
    provider_ids: list[int] | None

    def may(self, right: str) -> bool:
        return bool(RIGHTS[right] & self.kinds)

    @property
    def rights(self) -> dict[str, bool]:
        """For templates: {{ viewer.rights.release_batch }}."""
        return {right: self.may(right) for right in RIGHTS}


def viewer_from(held: HeldRoles) -> Viewer:
    whole = bool(WHOLE_OFFICE & held.kinds)
    return Viewer(held.user_id, held.kinds, None if whole else sorted(held.provider_ids))


class MayNot(ValueError):
    """Why somebody named in a command may not do it, in a sentence for people."""


def person_who_may(right: str, *, username: str, day: datetime.date) -> int:
    """The id of the person of that user name, who has the right on `day`. For the owner's commands; raises MayNot."""
    person = user_by_username(username)
    if person is None or not person.is_active:
        raise MayNot(f"There is nobody of the user name {username!r}.")
    if not RIGHTS[right] & roles_on(user_id=person.pk, day=day).kinds:
        roles = " or ".join(sorted(kind.replace("_", " ") for kind in RIGHTS[right]))
        raise MayNot(f"{username} may not; it is for a {roles} (`manage.py appoint` makes somebody one).")
    return person.pk


def requires(right: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare the right that a view asks for; the view is given the Viewer after the request.

    Without the right the answer is 403. Read before an area is entered, because the login reads roles as itself.
    """

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            viewer = viewer_from(roles_of(request))
            if not viewer.may(right):
                raise PermissionDenied
            return view(request, viewer, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return declare


def navigation(request: HttpRequest) -> list[tuple[str, str]]:
    """The (label, URL name) pairs that the reader may open."""
    viewer = viewer_from(roles_of(request))
    pages = (
        (_("Nights"), "home", "see_nights"),
        (_("Statements"), "providers", "see_statements"),
        (_("Discrepancies"), "discrepancies", "see_discrepancies"),
        (_("Fiscal periods"), "periods", "see_nights"),
    )
    return [(label, name) for label, name, right in pages if viewer.may(right)]


def provider_or_404(viewer: Viewer, provider: uuid.UUID) -> dict[str, Any]:
    """id, uuid, code, name and status of a provider that the viewer may see. Runs under area_funding."""
    found = rows(
        "SELECT id, uuid, code, name, status FROM provider_facts "
        "WHERE uuid = %(uuid)s AND (%(scope)s::bigint[] IS NULL OR id = ANY(%(scope)s))",
        {"uuid": provider, "scope": viewer.provider_ids},
    )
    if not found:
        raise Http404
    return found[0]


def provider_of_line_or_404(viewer: Viewer, line_id: int) -> uuid.UUID:
    """The uuid of the provider of a payment line that the viewer may see. Runs under area_funding."""
    found = rows(_LINE, {"line": line_id, "scope": viewer.provider_ids})
    if not found:
        raise Http404
    return found[0]["uuid"]


def enrollment_behind(viewer: Viewer, line_id: int, transfer: uuid.UUID) -> int:
    """The id of the enrollment of a transfer that stands behind the payment line, else Http404. Runs under area_funding."""
    found = rows(_TRANSFER, {"line": line_id, "scope": viewer.provider_ids, "transfer": transfer})
    if not found:
        raise Http404
    return int(found[0]["enrollment_id"])


_LINE = """
    SELECT v.uuid FROM funding_paymentline l JOIN provider_facts v ON v.id = l.provider_id
    WHERE l.id = %(line)s AND (%(scope)s::bigint[] IS NULL OR l.provider_id = ANY(%(scope)s))
"""
_TRANSFER = """
    SELECT c.enrollment_id
    FROM funding_paymentline l JOIN funding_paymentbatch b ON b.id = l.batch_id JOIN funding_run r ON r.id = b.run_id
    JOIN funding_transfer t ON t.effect_key = %(transfer)s AND t.program_id = r.program_id AND t.provider_id = l.provider_id
         AND t.run_id > coalesce(l.after_run, 0) AND t.run_id <= r.id
    JOIN funding_claim c ON c.id = t.claim_id
    WHERE l.id = %(line)s AND (%(scope)s::bigint[] IS NULL OR l.provider_id = ANY(%(scope)s))
"""
