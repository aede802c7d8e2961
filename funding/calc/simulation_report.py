"""A simulation as plain values for JSON, tables and a page: amounts as text to the cent, shares as text with one decimal."""

import string
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from funding.calc.engine.document import Document
from funding.calc.engine.questions import questions
from funding.calc.money import half_up_to_cents
from funding.calc.primitives.kinds import ZERO
from funding.calc.simulation import Compared, Sum

LETTERS = string.ascii_uppercase
TABLES = ("by_provider", "by_district", "by_group", "by_concentration")
# The width of a whole bar in a picture.
WIDE = 1000


def report_of(documents: Sequence[Document], compared: Compared, learning: Mapping[str, Any], cases: int,
              asked: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:  # fmt: skip
    """The base first. `learning` tells whose learning it was; `cases` is how many distinct ones were priced; `asked` is how
    far what the policies ask stands in the record (standing.py)."""
    return {
        "learning": dict(learning),
        "currency": documents[0].currency,
        "units": compared.total.count,
        "cases": cases,
        "asked": list(asked),
        "policies": [_policy(place, document, compared) for place, document in enumerate(documents)],
        "total": _row("all", compared.total),
        **{name: [_row(key, row) for key, row in getattr(compared, name).items()] for name in TABLES},
    }


def _policy(place: int, document: Document, compared: Compared) -> dict[str, Any]:
    return {
        "letter": LETTERS[place],
        "policy": document.policy,
        "name": document.name,
        "file": document.file,
        "sha256": document.sha256,
        "stakes": document.stakes,
        "questions": dict(questions(document)),
        **({"against_base": {name: _outcome(getattr(compared, name), place) for name in TABLES}} if place else {}),
    }


def _outcome(rows: Mapping[str, Sum], place: int) -> dict[str, Any]:
    """Who gains and who loses against the base, as the cents say, and the one that each most."""
    changes = {name: _changed(row, place) for name, row in rows.items()}
    most, least = max(changes, key=lambda name: changes[name]), min(changes, key=lambda name: changes[name])
    return {
        "gain": sum(change > 0 for change in changes.values()),
        "lose": sum(change < 0 for change in changes.values()),
        "most": {"name": most, "change": money(changes[most])} if changes[most] > 0 else None,
        "least": {"name": least, "change": money(changes[least])} if changes[least] < 0 else None,
    }


def _changed(row: Sum, place: int) -> int:
    """In whole cents, the difference of the amounts as they are shown."""
    return half_up_to_cents(row.paid[place].amount) - half_up_to_cents(row.paid[0].amount)


def _row(name: str, row: Sum) -> dict[str, Any]:
    return {
        "name": name,
        "units": row.count,
        "in_need": row.in_need,
        "needs": row.needs,
        "policies": [_cell(row, place) for place in range(row.policies)],
    }


def _cell(row: Sum, place: int) -> dict[str, Any]:
    base, change = row.paid[0].amount, _changed(row, place)
    return {
        "letter": LETTERS[place],
        "amount": _amount(row.paid[place].amount),
        "change": money(change),
        "change_share": share(row.change(place) / base) if base else None,
        "gains": change > 0,
        "loses": change < 0,
        "per_unit": _amount(row.per_unit(place)),
        "per_unit_in_need": _amount(row.per_unit_in_need(place)),
        "per_unit_without_need": _amount(row.per_unit_without(place)),
        "per_need": _amount(row.per_need(place)),
        "swing": share(Fraction(row.swing(place))),
    }


def _amount(amount: Fraction | None) -> str | None:
    return None if amount is None else money(half_up_to_cents(amount))


def money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def share(part: Fraction) -> str:
    """As a percentage with one decimal, rounded half up."""
    tenths = half_up_to_cents(part * 10)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}%"


def bars(rows: Sequence[Mapping[str, Any]]) -> list[list[tuple[int, int]]]:
    """For each row and policy the widths of its two bars, out of WIDE: the amount against the greatest of these rows, and the
    change against the greatest change, below 0 where it loses."""
    amounts = [[Fraction(cell["amount"]) for cell in row["policies"]] for row in rows]
    changes = [[Fraction(cell["change"]) for cell in row["policies"]] for row in rows]
    most = max((abs(one) for row in amounts for one in row), default=0) or 1
    farthest = max((abs(one) for row in changes for one in row), default=0) or 1
    return [
        [(int(max(amount, ZERO) * WIDE / most), int(change * WIDE / farthest)) for amount, change in zip(row, changed, strict=True)]
        for row, changed in zip(amounts, changes, strict=True)
    ]
