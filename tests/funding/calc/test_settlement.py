"""What a settlement pays where there is not enough: to the cent, what waited first, and never a debt."""

from hypothesis import given
from hypothesis import strategies as st

from funding.calc.settlement import Due, Settled, settled

dues = st.lists(st.builds(Due, st.integers(-500, 500), st.integers(-500, 1000)), max_size=12)
sums = st.integers(0, 6000)


@given(dues, sums | st.none())
def test_every_line_adds_up_and_what_is_paid_is_all_there_is_or_all_that_is_due(given, available):
    lines = settled(given, available)
    for due, line in zip(given, lines, strict=True):
        assert line.paid + line.unpaid + line.carried == due.carried + due.posted
        assert min(line.paid, line.unpaid, -line.carried) >= 0
        assert line.carried == 0 or line.paid == line.unpaid == 0
    asked = sum(line.paid + line.unpaid for line in lines)
    assert sum(line.paid for line in lines) == (asked if available is None else min(asked, available))


@given(dues, sums)
def test_nothing_new_is_paid_before_all_that_waited(given, available):
    waited = [min(max(due.carried, 0), max(due.carried + due.posted, 0)) for due in given]
    lines = settled(given, available)
    if any(line.paid > before for line, before in zip(lines, waited, strict=True)):
        assert all(line.paid >= before for line, before in zip(lines, waited, strict=True))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), sums)
def test_alike_are_treated_alike_to_the_cent(posted, available):
    paid = [line.paid for line in settled([Due(0, cents) for cents in posted], available)]
    for one, its in zip(posted, paid, strict=True):
        for other, others in zip(posted, paid, strict=True):
            assert one <= other or its >= others, "who is due more is paid no less"
            assert one != other or abs(its - others) <= 1, "who is due the same is paid the same but for one cent"


@given(dues, st.lists(sums, min_size=1, max_size=6))
def test_whatever_comes_and_when_it_comes_all_that_comes_is_paid(given, arrivals):
    """Settlement after settlement, with money added in between: in the end what came was paid, or all was."""
    open_dues, free, paid = given, 0, 0
    for added in arrivals:
        free += added
        lines = settled(open_dues, free)
        spent = sum(line.paid for line in lines)
        free, paid = free - spent, paid + spent
        open_dues = [Due(line.unpaid + line.carried, 0) for line in lines]
    assert paid == min(sum(arrivals), sum(max(due.carried + due.posted, 0) for due in given))


def test_zero_exactly_enough_and_one_cent_short():
    due = [Due(0, 100), Due(0, 100), Due(-30, 20)]
    assert settled(due, 0) == [Settled(0, 100, 0), Settled(0, 100, 0), Settled(0, 0, -10)]
    assert settled(due, 200) == settled(due, None) == [Settled(100, 0, 0), Settled(100, 0, 0), Settled(0, 0, -10)]
    assert [line.paid for line in settled(due, 199)] == [100, 99, 0]
    assert settled([], 5) == []


def test_what_waited_is_prorated_by_itself_where_even_that_is_too_much():
    assert [line.paid for line in settled([Due(300, 50), Due(100, 900)], 200)] == [150, 50]
    assert [line.paid for line in settled([Due(300, 50), Due(100, 900)], 495)] == [305, 190]
    # What was taken back meanwhile no longer waits.
    assert settled([Due(300, -100)], 150) == [Settled(150, 50, 0)]
