"""The providers that programs pay, as a list to choose from."""

from typing import Any

from funding.queries.rows import rows

_WHICH = """
    FROM provider_facts v
    WHERE EXISTS (SELECT FROM offering_facts o JOIN funding_program p ON p.catalogue = o.catalogue WHERE o.provider_id = v.id)
      AND (%(scope)s::bigint[] IS NULL OR v.id = ANY(%(scope)s))
      AND (strpos(lower(v.code), lower(%(search)s)) > 0 OR strpos(lower(v.name), lower(%(search)s)) > 0)
"""


def count_providers(*, scope: list[int] | None, search: str) -> int:
    return int(rows(f"SELECT count(*) AS count {_WHICH}", {"scope": scope, "search": search})[0]["count"])


def providers_page(*, scope: list[int] | None, search: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """uuid, code, name and status by code; `scope` are the ids that may be seen (None: all), `search` is part of a code
    or name ("" finds all)."""
    return rows(
        f"SELECT v.uuid, v.code, v.name, v.status {_WHICH} ORDER BY v.code LIMIT %(limit)s OFFSET %(offset)s",
        {"scope": scope, "search": search, "limit": limit, "offset": offset},
    )
