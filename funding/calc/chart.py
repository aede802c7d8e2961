"""The chart of accounts: what each kind of transfer debits and credits. docs/money.md shows one payment through it.

An account of a provider is written `name:CODE`. `settle` moves what is owed into a batch, `release` pays the batch.
"""

from dataclasses import dataclass

PROGRAM_COST = "program-cost"
PAYABLE = "payable"
IN_PAYMENT = "in-payment"
CASH = "cash"

OF_PROGRAM = (PROGRAM_COST, CASH)
OF_PROVIDER = (PAYABLE, IN_PAYMENT)


@dataclass(frozen=True)
class Entry:
    debit: str
    credit: str


CHART = {
    "earn": Entry(debit=PROGRAM_COST, credit=PAYABLE),
    "recover": Entry(debit=PAYABLE, credit=PROGRAM_COST),
    "settle": Entry(debit=PAYABLE, credit=IN_PAYMENT),
    "release": Entry(debit=IN_PAYMENT, credit=CASH),
}


def account_code(kind: str, provider_code: str | None) -> str:
    return kind if kind in OF_PROGRAM else f"{kind}:{provider_code}"
