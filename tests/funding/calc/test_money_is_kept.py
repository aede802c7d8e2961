"""Money is neither lost nor made by a rule, and the order in which claims are told changes nobody's part of it."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from funding.calc.primitives import accounts, instalments, milestones, pools, settling, sources
from tests.funding.calc.test_primitives import amounts, several, signed, wholes

small = st.integers(0, 12).map(Fraction)


@given(st.lists(st.tuples(small, st.booleans()), min_size=1, max_size=7), st.integers(0, 60), st.data())
def test_the_order_of_claims_changes_nobodys_part_of_a_short_sum(claims, more, data):
    moved = data.draw(st.permutations(claims))
    available = sum((claim for claim, whole in claims if whole), Fraction(0)) + more
    paid, again = (
        pools.prorate(tuple(claim for claim, _ in told), available, Fraction(1), tuple(whole for _, whole in told))
        for told in (claims, moved)
    )
    assert sorted(zip(claims, paid, strict=True)) == sorted(zip(moved, again, strict=True))


@given(st.lists(st.tuples(amounts, st.integers(1, 9).map(Fraction)), min_size=1, max_size=7), amounts, st.data())
def test_the_order_of_entities_changes_nobodys_supplement_and_nobodys_cut(entities, supplement, data):
    moved = data.draw(st.permutations(entities))
    filled, again = (pools.equalise(*zip(*told, strict=True), supplement) for told in (entities, moved))
    assert filled.level == again.level
    assert sorted(zip(entities, filled.given, strict=True)) == sorted(zip(moved, again.given, strict=True))
    floors = [(claim + 10, claim / unit) for claim, unit in entities]
    elsewhere = [(claim + 10, claim / unit) for claim, unit in moved]
    available = sum((floor for _, floor in floors), Fraction(0)) + supplement
    cut, recut = (pools.cut_with_floor(*zip(*told, strict=True), available) for told in (floors, elsewhere))
    assert sorted(zip(floors, cut, strict=True)) == sorted(zip(elsewhere, recut, strict=True))


@given(signed, wholes())
def test_a_split_neither_loses_nor_makes_money(of, shares):
    parts = sources.split(of, shares)
    assert sum(parts.values()) == of
    assert parts == {name: of * share for name, share in shares.items()}


@given(several, st.data())
def test_the_successor_takes_over_what_is_open_and_nothing_that_was_paid(closing, data):
    successor = tuple(data.draw(amounts) for _ in closing)
    paid = data.draw(st.integers(0, len(closing)))
    taken = instalments.to_successor(tuple(closing), successor, Fraction(paid))
    assert sum(taken) == sum(closing[paid:]) + sum(successor[paid:])
    assert len(taken) == len(closing) - paid


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), amounts), max_size=30), st.lists(amounts, min_size=4, max_size=4))
def test_money_moved_between_accounts_is_neither_lost_nor_made_whatever_was_refused(moves, deposits):
    walks = [[("deposit", deposit)] for deposit in deposits]
    for giver, taker, amount in moves:
        before = accounts.account(*zip(*walks[giver], strict=True))
        walks[giver].append(("transfer_out", amount))
        if accounts.account(*zip(*walks[giver], strict=True)).free < before.free or not amount:
            walks[taker].append(("transfer_in", amount))
    assert sum(accounts.account(*zip(*walk, strict=True)).free for walk in walks) == sum(deposits)


@given(st.lists(st.tuples(amounts, st.integers(0, 400).map(Fraction)), min_size=1, max_size=6), st.integers(0, 400).map(Fraction))
def test_each_amount_is_due_from_its_day_on_and_none_twice(due, elapsed):
    sums, on = zip(*due, strict=True)
    assert milestones.reached_days(sums, on, elapsed) == tuple(amount if elapsed >= day else 0 for amount, day in due)


@given(amounts, amounts, amounts.filter(bool), st.integers(1, 500).map(Fraction))
def test_a_guarantee_falls_with_wealth(cost, value, guaranteed, members):
    aid = settling.guarantee(cost, value, guaranteed, members)
    assert aid == cost * (1 - value / members / guaranteed)
    assert settling.guarantee(cost, value + 1, guaranteed, members) <= aid
