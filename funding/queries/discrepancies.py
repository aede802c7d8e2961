"""The discrepancies as a work list."""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from funding.models import Discrepancy
from funding.queries.rows import rows

KINDS = {
    Discrepancy.Kind.AFTER_WITHDRAWAL.value: _("After withdrawal"),
    Discrepancy.Kind.BEFORE_ENROLLMENT.value: _("Before enrollment"),
    Discrepancy.Kind.UNKNOWN_ASSIGNMENT.value: _("Unknown assignment"),
    Discrepancy.Kind.UNKNOWN_ENROLLMENT.value: _("Unknown enrollment"),
    Discrepancy.Kind.FUTURE_DATE.value: _("Future date"),
}
STATES = {"open": _("Open"), "resolved": _("Resolved"), "all": _("Open and resolved")}


@dataclass(frozen=True)
class Wanted:
    """Which discrepancies: None leaves a filter out. `provider_ids` bounds what the reader may see at all."""

    provider_ids: list[int] | None = None
    state: str = "open"
    kind: str | None = None
    program: str | None = None
    provider: str | None = None
    ids: list[int] | None = None


_WHICH = """
    FROM funding_discrepancy d JOIN funding_program p ON p.id = d.program_id
    LEFT JOIN funding_discrepancyresolution x ON x.discrepancy_id = d.id
    WHERE (%(provider_ids)s::bigint[] IS NULL OR d.provider_id = ANY(%(provider_ids)s))
      AND (%(ids)s::bigint[] IS NULL OR d.id = ANY(%(ids)s))
      AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
      AND (%(program)s::text IS NULL OR p.code = %(program)s)
      AND (%(provider)s::text IS NULL OR d.provider_id = (SELECT id FROM provider_facts WHERE code = %(provider)s))
      AND (%(state)s::text = 'all' OR (x.id IS NULL) = (%(state)s = 'open'))
"""
# The page's rows are picked before any fact is looked at.
_PAGE = f"""
    WITH page AS MATERIALIZED (
        SELECT d.*, p.code AS program, p.currency, x.outcome, x.reason, x.resolved_by, x.resolved_at, x.consumed_by_id
        {_WHICH} ORDER BY d.id LIMIT %(limit)s OFFSET %(offset)s)
    SELECT page.id, page.kind, page.program, page.currency, page.owner_role, v.uuid AS provider_uuid, v.code AS provider,
           v.name AS provider_name, coalesce(e.code, n.enrollment_code) AS enrollment, o.code AS offering, m.code AS module,
           coalesce(a.code, n.assignment_code) AS assignment, a.title, coalesce(c.completed_on, n.completed_on) AS completed_on,
           e.enrolled_on, e.withdrawn_on, r.business_date AS opened_on, page.outcome, page.reason, u.full_name AS resolved_by,
           page.resolved_at, k.business_date AS took_effect_on, s.held_cents
    FROM page JOIN funding_run r ON r.id = page.opened_by_id
    LEFT JOIN provider_facts v ON v.id = page.provider_id
    LEFT JOIN enrollment_facts e ON e.id = page.enrollment_id
    LEFT JOIN offering_facts o ON o.id = e.offering_id
    LEFT JOIN module_facts m ON m.id = page.module_id
    LEFT JOIN assignment_facts a ON a.id = page.assignment_id
    LEFT JOIN completion_facts c
         ON (c.enrollment_id, c.assignment_id, c.sequence) = (page.enrollment_id, page.assignment_id, page.sequence)
    LEFT JOIN unmatched_completion_facts n ON n.id = page.unmatched_id
    LEFT JOIN people_user u ON u.id = page.resolved_by
    LEFT JOIN funding_run k ON k.id = page.consumed_by_id
    LEFT JOIN LATERAL (SELECT q.held_cents FROM funding_earningstate t JOIN funding_pricedcase q ON q.id = t.case_id
                       WHERE t.program_id = page.program_id AND t.enrollment_id = page.enrollment_id
                         AND t.module_id = page.module_id AND page.outcome IS NULL) s ON true
    ORDER BY page.id
"""
_COUNT_BY_KIND = f"SELECT d.kind, count(*) AS count {_WHICH} GROUP BY d.kind ORDER BY d.kind"
_PROVIDERS = """
    SELECT code, name FROM provider_facts WHERE id IN (SELECT DISTINCT provider_id FROM funding_discrepancy)
    AND (%(provider_ids)s::bigint[] IS NULL OR id = ANY(%(provider_ids)s)) ORDER BY code
"""


def count_by_kind(wanted: Wanted) -> dict[str, int]:
    """{kind: how many}, kinds without any left out."""
    return {row["kind"]: row["count"] for row in rows(_COUNT_BY_KIND, asdict(wanted))}


def discrepancies(wanted: Wanted, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """A page of them, oldest first, with what they name in words.

    `held_cents` is what accepting every held completion of the same enrollment and module would add; `took_effect_on`
    is the night that took a resolution into account, None before it ran. A row that matched nothing has no module.
    """
    found = rows(_PAGE, asdict(wanted) | {"limit": limit, "offset": offset})
    return [row | {"kind_in_words": str(KINDS[row["kind"]])} for row in found]


def providers_with_discrepancies(provider_ids: list[int] | None) -> list[dict[str, Any]]:
    """code and name of each, for a filter."""
    return rows(_PROVIDERS, {"provider_ids": provider_ids})
