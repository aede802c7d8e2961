"""Who an amount comes from: accounts in their order, then shares of the rest; and refunds the way they were paid."""

from collections.abc import Mapping
from fractions import Fraction

from funding.calc.primitives.kinds import ZERO, CannotMean, Named, Texts, Whole


def split(of: Fraction, shares: Whole) -> Named:
    """`of` by shares that make up the whole, by source."""
    _check_whole(shares)
    return {name: of * share for name, share in shares.items()}


def _check_whole(shares: Whole) -> None:
    if (together := sum(shares.values(), ZERO)) != 1:
        raise CannotMean(f"the shares add up to {together} and not to the whole")


def waterfall(due: Fraction, accounts: Named, rest: Whole) -> Named:
    """`due` from each account in the order written until it is empty, the rest by shares; by source.

    Balances and `due` are at least 0: what goes back goes by `refund`.
    """
    if due < 0 or any(balance < 0 for balance in accounts.values()):
        raise CannotMean("only an amount of at least 0 is drawn, from balances of at least 0; give money back by `refund`")
    if set(accounts) & set(rest):
        raise CannotMean("a source stands among the accounts and among the shares of the rest; name it once")
    _check_whole(rest)
    left, drawn = due, {}
    for name, balance in accounts.items():
        drawn[name] = min(left, balance)
        left -= drawn[name]
    return drawn | {name: left * share for name, share in rest.items()}


def drain_in_order(balance: Fraction, claims: Named, order: Texts) -> Named:
    """What each claimant gets of one balance, served in `order`, by claimant; one who is not in it comes last, as written."""
    if balance < 0 or any(claim < 0 for claim in claims.values()):
        raise CannotMean("a balance and its claims must be at least 0")
    if unknown := set(order) - set(claims):
        raise CannotMean(f"the order names {', '.join(sorted(unknown))}, who claims nothing")
    left, given = balance, {}
    for name in [*order, *(name for name in claims if name not in order)]:
        given[name] = min(left, claims[name])
        left -= given[name]
    return {name: given[name] for name in claims}


def refund(amount: Fraction, paid_by: Named) -> Named:
    """`amount` given back to each source in the mix in which it paid, by source; never more than it paid in all."""
    paid: Mapping[str, Fraction] = paid_by
    together = sum(paid.values(), ZERO)
    if not 0 <= amount <= together:
        raise CannotMean(f"{amount} cannot be given back of {together} paid")
    return {name: amount * part / together if together else ZERO for name, part in paid.items()}
