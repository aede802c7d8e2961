"""The chart of accounts: what each kind of transfer debits and credits. docs/money.md shows one payment through it.

An account of a provider is written `name:CODE`, the cost borne by a source of money `program-cost:SOURCE`. `settle` moves
what is owed into a batch, `release` pays the batch. What a provider earns in a year that is paid ahead is credited to
`year-ahead:CODE:FIRST DAY` instead of what is payable; `advance` debits it, and `true_up` moves what is left either way.
"""

from dataclasses import dataclass

PROGRAM_COST = "program-cost"
PAYABLE = "payable"
IN_PAYMENT = "in-payment"
CASH = "cash"
YEAR_AHEAD = "year-ahead"

OF_PROVIDER = (PAYABLE, IN_PAYMENT)


@dataclass(frozen=True)
class Entry:
    debit: str
    credit: str


CHART = {
    "earn": Entry(debit=PROGRAM_COST, credit=PAYABLE),
    "recover": Entry(debit=PAYABLE, credit=PROGRAM_COST),
    "advance": Entry(debit=YEAR_AHEAD, credit=PAYABLE),
    "true_up": Entry(debit=YEAR_AHEAD, credit=PAYABLE),
    "settle": Entry(debit=PAYABLE, credit=IN_PAYMENT),
    "release": Entry(debit=IN_PAYMENT, credit=CASH),
}


def account_code(kind: str, *names: str) -> str:
    """`names`: the provider's code or the source, as far as the kind has them."""
    return ":".join((kind, *names))
