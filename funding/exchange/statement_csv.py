"""A provider's statement as CSV: one row a figure, amounts as plain decimals, for a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from typing import Any

COLUMNS = ("provider", "program", "as_of", "item", "code", "date", "state", "amount", "currency")
# A spreadsheet would take a text that begins so for a formula and run it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def statement_as_csv(statements: list[dict[str, Any]]) -> str:
    """`statements` as queries/statements.py answers them; items are earned, posted, paid, held, offering, payment, unpaid."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for statement in statements:
        own = (statement["provider"], statement["program"], statement["as_of"])
        for item, code, date, state, cents in _figures(statement):
            writer.writerow([*map(harmless, (*own, item, code, date, state)), decimal(cents), statement["currency"]])
    return out.getvalue()


def _figures(statement: dict[str, Any]) -> Iterator[tuple[str, str, str, str, int]]:
    for item in ("earned", "posted", "paid", "held"):
        yield item, "", statement["as_of"], "", statement[f"{item}_cents"]
    for offering in statement["offerings"]:
        yield "offering", offering["code"], statement["as_of"], "earned", offering["earned_cents"]
    for line in statement["lines"]:
        state = (
            f"released {line['released_on']}"
            if line["released_on"]
            else "waits for release"
            if line["amount_cents"]
            else "nothing to pay"
        )
        yield "payment", str(line["id"]), line["date"], state, line["amount_cents"]
        if line["unpaid_cents"]:
            yield "unpaid", str(line["id"]), line["date"], "waits for the appropriation", line["unpaid_cents"]


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def decimal(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
