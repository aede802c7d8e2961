"""The rules that policies are made of: what holds for all figures, not only for those of a worked case."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.calc.primitives import (
    accounts,
    arithmetic,
    conditions,
    dates,
    instalments,
    milestones,
    pools,
    prices,
    settling,
    sources,
    tables,
    windows,
)
from funding.calc.primitives.kinds import CannotMean, Tier

CENT = Fraction(1, 100)
amounts = st.integers(0, 10**9).map(lambda cents: Fraction(cents, 100))
signed = st.integers(-(10**9), 10**9).map(lambda cents: Fraction(cents, 300))
exact = st.fractions(0, 10**6, max_denominator=10**4)
months = st.integers(0, 60).map(Fraction)
days = st.dates(datetime.date(2015, 1, 1), datetime.date(2030, 12, 31))
several = st.lists(amounts, min_size=1, max_size=12)


@st.composite
def wholes(draw):
    parts = draw(st.lists(st.integers(1, 100), min_size=1, max_size=5))
    return {f"source_{place}": Fraction(part, sum(parts)) for place, part in enumerate(parts)}


@st.composite
def tier_tables(draw):
    bounds = sorted(draw(st.sets(exact, min_size=0, max_size=5)))
    values = draw(st.lists(exact, min_size=len(bounds) + 1, max_size=len(bounds) + 1))
    return tuple(Tier(bound, value) for bound, value in zip([*bounds, None], values, strict=True))


@given(
    signed,
    st.sampled_from([CENT, Fraction(1), Fraction(1, 100000), Fraction(5)]),
    st.sampled_from(["half_up", "half_even", "down", "up"]),
)
def test_rounding_lands_on_a_step_within_one_and_mirrors_below_zero(amount, step, mode):
    result = arithmetic.rounded(amount, step, mode)
    assert (result / step).denominator == 1
    assert abs(result - amount) < step if mode in ("down", "up") else abs(result - amount) <= step / 2
    assert arithmetic.rounded(-amount, step, mode) == -result
    assert arithmetic.rounded(result, step, mode) == result


@pytest.mark.parametrize(
    ("mode", "half", "odd_half", "below", "above"),
    [("half_up", 1, 2, 0, 1), ("half_even", 0, 2, 0, 1), ("down", 0, 1, 0, 0), ("up", 1, 2, 1, 1)],
)
def test_each_mode_takes_the_half_its_own_way(mode, half, odd_half, below, above):
    round_ = lambda text: arithmetic.rounded(Fraction(text), Fraction(1), mode)  # noqa: E731
    assert [round_("0.5"), round_("1.5"), round_("0.4"), round_("0.6")] == [half, odd_half, below, above]


def test_nothing_to_divide_by_is_refused_or_nothing_as_the_policy_says():
    with pytest.raises(CannotMean, match="divide by 0"):
        arithmetic.quotient(Fraction(1), Fraction(0))
    assert arithmetic.quotient(Fraction(1), Fraction(0), "zero") == 0


@given(exact, tier_tables())
def test_a_tier_is_the_one_in_which_the_number_lies(number, tiers):
    found = next(step for step in tiers if step.below is None or number < step.below)
    assert tables.tier(number, tiers) == found.value
    inclusive = next(step for step in tiers if step.below is None or number <= step.below)
    assert tables.tier(number, tiers, "upper_inclusive") == inclusive.value


@given(exact, exact, tier_tables())
def test_brackets_weigh_every_slice_once(number, more, tiers):
    ones = tuple(Tier(step.below, Fraction(1)) for step in tiers)
    assert tables.brackets(number, ones) == number
    naive = lambda of: sum(  # noqa: E731
        (max(min(of, step.below if step.below is not None else of) - (tiers[place - 1].below if place else 0), 0) * step.value)
        for place, step in enumerate(tiers)
    )
    assert tables.brackets(number, tiers) == naive(number)
    assert tables.brackets(number + more, tiers) >= tables.brackets(number, tiers)


@given(days, days)
def test_month_ends_are_the_last_days_that_lie_in_the_stretch(first, last):
    every = (first + datetime.timedelta(days=number) for number in range(max((last - first).days + 1, 0)))
    assert dates.month_ends(first, last) == sum((day + datetime.timedelta(days=1)).day == 1 for day in every)


@given(days, st.integers(1, 24), st.lists(st.tuples(days, days), min_size=1, max_size=3))
def test_months_in_learning_are_counted_month_by_month(first, count, stretches):
    starts, ends = zip(*stretches, strict=True)
    found = dates.learning_at_month_ends(first, Fraction(count), starts, ends)
    assert len(found) == count
    if len(stretches) == 1 and starts[0] >= first.replace(day=1):
        assert sum(found) <= max(dates.month_ends(starts[0], ends[0]), 0)


@given(days, days)
def test_the_months_touched_run_from_the_first_to_the_last(first, last):
    first, last = min(first, last), max(first, last)
    assert dates.months_touched(first, last) == len(
        {(day.year, day.month) for day in (first + datetime.timedelta(n) for n in range((last - first).days + 1))}
    )


@given(st.integers(0, 60).map(Fraction), st.integers(0, 30), st.integers(0, 60))
def test_a_withdrawal_leaves_nothing_then_its_days_then_the_whole(day, free, more):
    share = windows.withdrawal_share(day, Fraction(free), Fraction(free + more))
    assert 0 <= share <= 1
    assert share == (0 if day <= free else 1 if day >= free + more else day / (free + more))


@given(amounts, wholes(), st.data())
def test_milestones_pay_no_more_than_the_price_and_the_whole_when_all_are_reached(price, shares, data):
    reached = {name: data.draw(st.booleans()) for name in shares}
    paid = milestones.milestones(price, shares, reached)
    assert sum(paid.values()) <= price
    assert all((paid[name] == price * shares[name]) if reached[name] else paid[name] == 0 for name in shares)
    assert sum(milestones.milestones(price, shares, dict.fromkeys(shares, True)).values()) == price


@given(amounts, months, months, st.booleans(), st.sampled_from([Fraction(1), Fraction(2)]))
def test_instalments_never_pay_beyond_the_amount_and_completion_pays_all_of_it(amount, planned, learned, completed, first):
    plan = instalments.instalments(amount, planned, learned, completed, first)
    assert 0 <= plan.to_date <= amount
    assert plan.to_date + plan.balancing == (amount if completed else plan.to_date)
    later = instalments.instalments(amount, planned, learned + 1, False, first)
    assert later.to_date >= plan.to_date


@given(
    amounts,
    st.lists(st.integers(0, 200).map(lambda part: Fraction(part, 100)), min_size=1, max_size=12),
    st.sampled_from([CENT, Fraction(1)]),
)
def test_a_profile_adds_up_to_the_total_whatever_the_shares(total, shares, step):
    periods = instalments.profile(total, tuple(shares), step)
    assert sum(periods) == total
    assert all(period >= 0 for period in periods)
    mirrored = instalments.profile(-total, tuple(shares), step)
    assert mirrored == tuple(-period for period in periods)


@given(st.lists(amounts, min_size=1, max_size=12), st.data())
def test_a_new_profile_pays_the_new_total_or_leaves_the_rest_as_debt(planned, data):
    paid = data.draw(st.lists(amounts, max_size=len(planned)))
    periods, carried = instalments.reprofile(tuple(paid), tuple(planned))
    assert periods[: len(paid)] == tuple(paid)
    assert all(period >= 0 for period in periods[len(paid) :])
    assert sum(periods) - carried == sum(planned)
    assert carried >= 0 or len(paid) == len(planned)


@given(amounts, amounts, st.integers(0, 24).map(Fraction), st.integers(0, 100).map(lambda part: Fraction(part, 100)), st.booleans())
def test_a_changed_price_leaves_exactly_what_is_not_yet_earned(price, earned, left, share, total):
    new = prices.reprice(price, earned, left, share, "total" if total else "residual")
    assert new.each * left + new.completion + new.charged == (price - earned if total else price)
    assert new.completion >= 0
    assert new.each >= 0
    assert new.charged <= 0


@given(amounts, st.lists(amounts, max_size=4), wholes())
def test_a_waterfall_neither_loses_nor_makes_money_and_overdraws_no_account(due, balances, rest):
    accounts_ = {f"account_{place}": balance for place, balance in enumerate(balances)}
    drawn = sources.waterfall(due, accounts_, rest)
    assert sum(drawn.values()) == due
    assert all(0 <= drawn[name] <= balance for name, balance in accounts_.items())
    if sum(balances) < due:
        assert all(drawn[name] == balance for name, balance in accounts_.items())


@given(amounts, several, st.data())
def test_a_balance_is_drained_in_order_until_it_is_empty(balance, claims, data):
    named = {f"c{place}": claim for place, claim in enumerate(claims)}
    order = tuple(data.draw(st.permutations(list(named))))
    given_ = sources.drain_in_order(balance, named, order)
    assert sum(given_.values()) == min(balance, sum(claims))
    short = [name for name in order if given_[name] < named[name]]
    assert all(given_[name] == 0 for name in order[order.index(short[0]) + 1 :]) if short else True


@given(several, st.data())
def test_a_refund_gives_every_source_back_in_the_mix_in_which_it_paid(paid, data):
    named = {f"s{place}": part for place, part in enumerate(paid)}
    together = sum(paid, Fraction(0))
    amount = together * data.draw(st.integers(0, 100)) / 100
    back = sources.refund(amount, named)
    assert sum(back.values()) == amount
    assert all(back[name] <= named[name] for name in named)
    with pytest.raises(CannotMean):
        sources.refund(together + 1, named)


@given(several, st.data())
def test_proration_pays_the_sum_to_the_cent_and_protected_claims_in_full(claims, data):
    protected = tuple(data.draw(st.booleans()) for _ in claims)
    kept = sum((claim for claim, whole in zip(claims, protected, strict=True) if whole), Fraction(0))
    available = kept + data.draw(amounts)
    paid = pools.prorate(tuple(claims), available, CENT, protected)
    assert sum(paid) == min(available, sum(claims))
    assert all(part >= 0 for part in paid)
    assert all(part == claim for part, claim, whole in zip(paid, claims, protected, strict=True) if whole)
    factor = Fraction(available - kept, sum(claims) - kept) if sum(claims) > available else Fraction(1)
    assert all(abs(part - claim * factor) < CENT for part, claim, whole in zip(paid, claims, protected, strict=True) if not whole)


@given(st.lists(st.tuples(amounts, st.integers(1, 1000).map(Fraction)), min_size=1, max_size=8), amounts)
def test_water_filling_spends_the_supplement_and_raises_only_those_below_the_level(entities, supplement):
    own, units = zip(*entities, strict=True)
    filled = pools.equalise(own, units, supplement)
    assert sum(filled.given) == supplement
    for revenue, unit, given_ in zip(own, units, filled.given, strict=True):
        assert (revenue + given_) / unit >= filled.level
        assert given_ == 0 or (revenue + given_) / unit == filled.level


@given(several, st.data())
def test_a_cut_with_floors_keeps_every_floor_and_the_sum(claims, data):
    floors = tuple(claim * data.draw(st.integers(0, 100)) / 100 for claim in claims)
    available = sum(floors, Fraction(0)) + (sum(claims) - sum(floors)) * data.draw(st.integers(0, 100)) / 100
    cut = pools.cut_with_floor(tuple(claims), floors, available)
    assert all(part >= floor for part, floor in zip(cut, floors, strict=True))
    assert all(part <= claim for part, claim in zip(cut, claims, strict=True))
    assert sum(cut) == available


@given(st.lists(signed, min_size=1, max_size=8), exact, exact)
def test_rescaling_keeps_the_order_and_meets_both_ends(values, least, more):
    found = pools.rescale(tuple(values), least, least + more)
    assert min(found) == least
    assert max(found) == (least + more if len(set(values)) > 1 else least)
    assert sorted(range(len(values)), key=lambda place: (values[place], place)) == sorted(
        range(len(values)), key=lambda place: (found[place], values[place], place)
    )


@given(amounts, st.integers(1, 36).map(Fraction))
def test_a_debt_is_recovered_exactly(debt, parts):
    plan = settling.recovery_plan(debt, parts, CENT)
    assert sum(plan) == debt
    assert len(plan) == parts
    assert max(plan) - min(plan) < parts * CENT
    with pytest.raises(CannotMean, match="take more of them"):
        settling.recovery_plan(Fraction(100), Fraction(2), CENT, Fraction(49))


@given(several, amounts)
def test_a_cap_scales_all_alike(entries, cap):
    scaled = settling.scaled_to(tuple(entries), cap)
    assert sum(scaled) == min(sum(entries), cap)


@given(amounts, amounts, st.integers(0, 100), st.integers(100, 200))
def test_nobody_falls_below_what_is_held_harmless_or_grows_beyond_the_cap(new, before, share, growth):
    held = settling.held_harmless(new, before, Fraction(share, 100), Fraction(growth, 100))
    assert before * Fraction(share, 100) <= held or held == before * Fraction(growth, 100)
    assert held <= before * Fraction(growth, 100)
    assert settling.held_harmless(new, before, Fraction(share, 100)) == max(new, before * Fraction(share, 100))


@given(amounts, amounts, amounts)
def test_short_by_anything_holds_everything(amount, received, needed):
    assert settling.released(amount, received, needed) == (amount if received >= needed else 0)


@given(exact, st.integers(1, 500).map(Fraction), st.integers(0, 100), amounts)
def test_a_bonus_begins_beyond_the_threshold(reached, cohort, threshold, amount):
    bonus = settling.above_threshold(reached, cohort, Fraction(threshold, 100), amount)
    assert bonus == max(reached - cohort * Fraction(threshold, 100), 0) * amount


@given(st.lists(st.tuples(exact, exact), max_size=8), amounts, st.integers(0, 10).map(Fraction))
def test_gain_pays_what_is_gained_and_takes_no_loss(results, amount, least):
    before, after = ([one for one, _ in results], [two for _, two in results])
    expected = sum((max(two - one, Fraction(0)) for one, two in results), Fraction(0)) * amount
    assert settling.gain(tuple(before), tuple(after), amount, least) == (expected if len(results) >= least else 0)


movements = st.lists(st.tuples(st.sampled_from(accounts.MOVEMENTS), amounts, st.sampled_from(["books", "travel"])), max_size=20)


@given(movements, st.none() | amounts, st.none() | amounts)
def test_an_account_never_falls_below_zero_nor_spends_beyond_its_limits_and_adds_up(walk, item_limit, lifetime):
    kinds, moved, items = zip(*walk, strict=True) if walk else ((), (), ())
    stands = accounts.account(kinds, moved, items, item_limit, lifetime)
    sums = {
        kind: sum((done for k, done in zip(kinds, stands.done, strict=True) if k == kind), Fraction(0)) for kind in accounts.MOVEMENTS
    }
    assert min(stands.free, stands.reserved, stands.spent) >= 0
    assert (
        stands.free + stands.reserved + stands.spent == sums["deposit"] + sums["transfer_in"] - sums["transfer_out"] - sums["expire"]
    )
    assert lifetime is None or stands.spent <= lifetime
    assert all(done in (0, amount) for k, amount, done in zip(kinds, moved, stands.done, strict=True) if k != "expire")


@given(st.data(), st.lists(st.tuples(st.sampled_from(sorted({*accounts.MOVEMENTS} - {"expire"})), amounts), max_size=12))
def test_the_order_of_movements_that_all_fit_changes_no_total(data, movements_):
    """After enough was put in, reserved and spent, no order of the rest can be too much."""
    most = sum((amount for _, amount in movements_), Fraction(1))
    filled = [("deposit", 4 * most), ("reserve", 2 * most), ("spend", most)]
    one, other = (
        accounts.account(*zip(*filled, *order, strict=True)) for order in (movements_, data.draw(st.permutations(movements_)))
    )
    assert one[:3] == other[:3]
    assert sum(one.done) == sum(other.done) == 7 * most + most - 1


def test_a_deposit_counts_until_the_day_on_which_it_expires():
    day = datetime.date(2026, 6, 30)
    assert accounts.unexpired((Fraction(5), Fraction(7)), (day, day - datetime.timedelta(1)), day) == (5, 0)


@given(signed, signed)
def test_comparing_says_what_it_says(this, that):
    relations = {"at_least": this >= that, "above": this > that, "at_most": this <= that, "below": this < that, "equal": this == that}
    assert all(conditions.compare(this, relation, that) is holds for relation, holds in relations.items())


def test_a_category_without_a_case_is_refused_unless_there_is_an_otherwise():
    with pytest.raises(CannotMean, match="'c' has no case among a, b; add it or an `otherwise`"):
        conditions.choose("c", {"a": Fraction(1), "b": Fraction(2)})
    assert conditions.choose("c", {"a": Fraction(1)}, Fraction(7)) == 7


@given(amounts, days, st.integers(0, 11), st.data())
def test_an_amount_is_spread_over_the_months_it_touches(total, year, begin, data):
    starts = year.replace(month=8, day=1)
    end = data.draw(st.integers(begin, 11))
    month = lambda number: datetime.date(starts.year + (7 + number) // 12, (7 + number) % 12 + 1, 15)  # noqa: E731
    periods = instalments.spread_over_year(total, month(begin), month(end), starts)
    assert len(periods) == 12
    assert sum(periods) == total
    assert [place for place, part in enumerate(periods) if part] == (list(range(begin, end + 1)) if total else [])
