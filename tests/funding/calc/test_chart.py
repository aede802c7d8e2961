"""The chart of accounts: every kind of transfer names two accounts that exist."""

import pytest

from funding.calc.chart import CASH, CHART, OF_PROVIDER, PROGRAM_COST, YEAR_AHEAD, account_code
from funding.models import Transfer


@pytest.mark.parametrize("kind", CHART)
def test_an_entry_debits_one_known_account_and_credits_another(kind):
    entry = CHART[kind]
    assert {entry.debit, entry.credit} <= {CASH, PROGRAM_COST, YEAR_AHEAD, *OF_PROVIDER}
    assert entry.debit != entry.credit


def test_a_recovery_is_an_earning_with_the_accounts_swapped():
    assert (CHART["recover"].debit, CHART["recover"].credit) == (CHART["earn"].credit, CHART["earn"].debit)


def test_every_kind_of_transfer_but_a_reversal_has_its_entry():
    assert set(Transfer.Kind.values) - set(CHART) == {"reverse"}


def test_an_account_of_a_provider_bears_its_code_and_a_cost_its_source():
    assert account_code("payable", "P1") == "payable:P1"
    assert account_code("program-cost", "state") == "program-cost:state"
    assert account_code("cash") == "cash"
