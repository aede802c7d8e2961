"""The shared intake: what becomes of a row, whatever door it came through."""

import datetime

import pytest

from enrollments.actions.record_completions import record_completions
from enrollments.calc.completion_rows import CompletionRow, Refusal
from enrollments.models import Assignment, Completion, IntakeBatch, SourceSystem, UnmatchedCompletion
from tests import build

pytestmark = pytest.mark.django_db
TODAY = build.day(100)


@pytest.fixture
def feed():
    return build.source("feed")


@pytest.fixture
def enrollment():
    return build.enrollment(build.offering(assignments=4))


def row(number, source_id, enrollment, assignment="1.1", on=10, carried_over=False):
    code = getattr(enrollment, "code", enrollment)
    return CompletionRow(number, source_id, code, assignment, build.day(on), carried_over)


def void(number, source_id):
    return CompletionRow(number, source_id, None, None, None, False, True)


def take(feed, *rows, **options):
    """Send rows; answers ({row: outcome}, batch)."""
    outcomes = {}
    options = {"today": TODAY, "every_row": True, **options}
    done = record_completions(
        rows=iter(rows), source_system=feed, kind="test", on_outcome=lambda o: outcomes.__setitem__(o.row, o), **options
    )
    assert sum(done.counts.values()) == len(rows)
    return outcomes, done.batch


def statuses(outcomes):
    return [outcomes[number].status for number in sorted(outcomes)]


def on_file():
    rows = Completion.objects.order_by("enrollment_id", "assignment_id", "sequence")
    return list(rows.values_list("source_id", "sequence", "source_revision", "completed_on", "carried_over"))


def test_a_new_completion_is_created_under_one_batch(feed, enrollment):
    outcomes, batch = take(feed, row(1, "a", enrollment), row(2, "b", enrollment, "1.2", carried_over=True))
    assert statuses(outcomes) == ["created", "created"]
    assert on_file() == [("a", 0, 0, build.day(10), False), ("b", 0, 0, build.day(10), True)]
    assert set(Completion.objects.values_list("batch_id", flat=True)) == {batch}


def test_the_same_rows_again_exist_and_draw_no_batch(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    batches = IntakeBatch.objects.count()
    outcomes, batch = take(feed, row(1, "a", enrollment))
    assert statuses(outcomes) == ["exists"]
    assert batch is None
    assert IntakeBatch.objects.count() == batches
    assert len(on_file()) == 1


def test_other_content_under_a_known_id_is_a_conflict_that_names_each_difference(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    outcomes, batch = take(feed, row(1, "a", enrollment, on=11, carried_over=True))
    assert (outcomes[1].status, outcomes[1].reason, outcomes[1].field) == ("conflict", "changed", "completed_on")
    assert outcomes[1].changes == (("completed_on", "2026-01-10", "2026-01-11"), ("carried_over", "false", "true"))
    assert batch is None
    assert len(on_file()) == 1


def test_a_change_is_taken_as_void_and_new_when_asked_for(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    outcomes, _ = take(feed, row(1, "a", enrollment, on=11), apply_changes=True)
    assert statuses(outcomes) == ["changed"]
    assert on_file() == [
        ("a", 0, 0, build.day(10), False),
        ("a", 1, 1, build.day(10), False),
        ("a", 2, 2, build.day(11), False),
    ]


def test_a_completion_that_goes_5_4_5_ends_stated_once_on_day_5(feed, enrollment):
    for on in (5, 4, 5):
        take(feed, row(1, "a", enrollment, on=on), apply_changes=True)
    assert [(sequence, on) for _, sequence, _, on, _ in on_file()] == [
        (0, build.day(5)),
        (1, build.day(5)),
        (2, build.day(4)),
        (3, build.day(4)),
        (4, build.day(5)),
    ]


def test_a_changed_assignment_moves_the_statement_to_the_other_pair(feed, enrollment):
    take(feed, row(1, "a", enrollment, "1.1"))
    outcomes, _ = take(feed, row(1, "a", enrollment, "1.2"))
    assert outcomes[1].changes == (("assignment", "1.1", "1.2"),)
    take(feed, row(1, "a", enrollment, "1.2"), row(2, "b", enrollment, "1.3"), apply_changes=True)
    first, second, third = Assignment.objects.order_by("id")[:3]
    rows = Completion.objects.values_list("assignment_id", "source_id", "sequence", "source_revision")
    assert set(rows) == {(first.pk, "a", 0, 0), (first.pk, "a", 1, 1), (second.pk, "a", 0, 2), (third.pk, "b", 0, 0)}


def test_the_same_work_under_another_id_is_a_conflict(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    outcomes, batch = take(feed, row(1, "z", enrollment))
    assert (outcomes[1].status, outcomes[1].reason) == ("conflict", "stated_under_another_id")
    assert "as a." in outcomes[1].detail
    assert batch is None


def test_another_feed_is_not_told_whose_id_states_the_work(feed, enrollment):
    take(feed, row(1, "secret", enrollment))
    outcomes, _ = take(build.source("other"), row(1, "z", enrollment))
    assert outcomes[1].reason == "stated_under_another_id"
    assert "secret" not in outcomes[1].detail


def test_two_ids_for_the_same_work_in_one_batch_leave_the_first(feed, enrollment):
    outcomes, _ = take(feed, row(1, "z", enrollment), row(2, "a", enrollment))
    assert statuses(outcomes) == ["created", "conflict"]
    assert [source_id for source_id, *_ in on_file()] == ["z"]


def test_of_two_rows_that_would_state_withdrawn_work_anew_the_first_does(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    take(feed, void(1, "a"))
    outcomes, _ = take(feed, row(1, "z", enrollment), row(2, "a", enrollment))
    assert statuses(outcomes) == ["created", "conflict"]
    assert outcomes[2].reason == "stated_under_another_id"
    assert [(source_id, sequence) for source_id, sequence, *_ in on_file()] == [("a", 0), ("a", 1), ("z", 2)]


def test_an_id_twice_with_one_content_is_one_row_and_with_another_is_refused(feed, enrollment):
    outcomes, _ = take(feed, row(3, "a", enrollment), row(5, "a", enrollment), row(9, "a", enrollment, "1.2"))
    assert statuses(outcomes) == ["created", "exists", "refused"]
    assert (outcomes[9].reason, outcomes[9].field) == ("duplicate_id", "source_id")
    assert "Row 3 " in outcomes[9].detail
    assert len(on_file()) == 1


def test_the_first_of_two_contents_counts_even_where_its_assignment_comes_later(feed, enrollment):
    outcomes, _ = take(feed, row(1, "a", enrollment, "1.4"), row(2, "a", enrollment, "1.1"))
    assert statuses(outcomes) == ["created", "refused"]
    assert Completion.objects.get().assignment.code == "1.4"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"enrollment": "nobody"}, "unknown_enrolment"),
        ({"assignment": "none"}, "unknown_assignment"),
        ({"completed_on": TODAY + datetime.timedelta(days=1)}, "future_date"),
    ],
)
def test_a_row_that_fits_nothing_is_refused_and_kept_once_until_it_fits(feed, enrollment, change, reason):
    bad = row(1, "a", enrollment)._replace(**change)
    outcomes, batch = take(feed, bad)
    assert (outcomes[1].status, outcomes[1].reason) == ("refused", reason)
    assert (batch is not None) is True
    assert take(feed, bad)[1] is None
    assert list(UnmatchedCompletion.objects.values_list("source_id", "kind")) == [("a", reason)]
    assert statuses(take(feed, row(1, "a", enrollment))[0]) == ["created"]


def test_work_of_another_offering_is_an_unknown_assignment(feed, enrollment):
    build.offering(code="B 1", modules=2)
    outcomes, _ = take(feed, row(1, "a", enrollment, "2.1"))
    assert outcomes[1].reason == "unknown_assignment"


def test_a_day_is_future_only_after_the_intakes_day(feed, enrollment):
    outcomes, _ = take(feed, row(1, "a", enrollment, on=100), row(2, "b", enrollment, "1.2", on=101))
    assert statuses(outcomes) == ["created", "refused"]


def test_high_stakes_work_is_refused_and_not_kept(feed, enrollment):
    low = Assignment.objects.first()
    Assignment.objects.create(offering=low.offering, module=low.module, code="exam", title="Exam", stakes="high", batch=low.batch)
    outcomes, batch = take(feed, row(1, "a", enrollment, "exam"))
    assert (outcomes[1].reason, batch) == ("high_stakes", None)
    assert not UnmatchedCompletion.objects.exists()


def test_a_feed_bound_to_a_provider_learns_nothing_of_anothers_enrollment(enrollment):
    bound = SourceSystem.objects.create(code="bound", catalogue="trial", provider=build.provider("P2"))
    outcomes, _ = take(bound, row(1, "a", enrollment), row(2, "b", "nobody"))
    assert outcomes[1].reason == outcomes[2].reason == "unknown_enrolment"
    assert outcomes[1].detail == outcomes[2].detail
    assert on_file() == []


def test_a_void_withdraws_a_statement_and_a_later_one_continues_its_sequence(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    assert statuses(take(feed, void(1, "a"))[0]) == ["created"]
    assert statuses(take(feed, void(1, "a"))[0]) == ["exists"]
    assert statuses(take(feed, row(1, "a", enrollment, on=12))[0]) == ["created"]
    assert on_file() == [
        ("a", 0, 0, build.day(10), False),
        ("a", 1, 1, build.day(10), False),
        ("a", 2, 2, build.day(12), False),
    ]


def test_voiding_what_was_never_stated_is_refused(feed, enrollment):
    outcomes, batch = take(feed, void(1, "never"))
    assert (outcomes[1].status, outcomes[1].reason, batch) == ("refused", "unknown_source_id", None)


def test_a_void_cannot_touch_another_feeds_statement(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    outcomes, _ = take(build.source("other"), void(1, "a"))
    assert outcomes[1].reason == "unknown_source_id"
    assert len(on_file()) == 1


def test_an_id_is_replaced_by_voiding_it_and_stating_the_work_anew_in_one_batch(feed, enrollment):
    take(feed, row(1, "a", enrollment))
    assert statuses(take(feed, row(1, "b", enrollment), void(2, "a"))[0]) == ["created", "created"]
    assert [(source_id, sequence) for source_id, sequence, *_ in on_file()] == [("a", 0), ("a", 1), ("b", 2)]


def test_a_row_refused_before_comes_back_in_its_place_and_costs_no_other(feed, enrollment):
    refusal = Refusal(2, "completed_on", "not_a_date", "Write a day.", "b")
    outcomes, _ = take(feed, row(1, "a", enrollment), refusal, row(3, "c", enrollment, "1.2"))
    assert statuses(outcomes) == ["created", "refused", "created"]
    assert (outcomes[2].source_id, outcomes[2].detail) == ("b", "Write a day.")


def test_a_dry_run_tells_the_same_and_keeps_nothing(feed, enrollment):
    before = IntakeBatch.objects.count()
    outcomes, batch = take(feed, row(1, "a", enrollment), row(2, "b", "nobody"), dry_run=True)
    assert statuses(outcomes) == ["created", "refused"]
    assert batch is None
    assert (on_file(), UnmatchedCompletion.objects.count(), IntakeBatch.objects.count()) == ([], 0, before)


def test_only_changes_conflicts_and_refusals_are_told_unless_every_row_is_wanted(feed, enrollment):
    outcomes, _ = take(feed, row(1, "a", enrollment), row(2, "b", "nobody"), every_row=False)
    assert list(outcomes) == [2]


def test_an_error_while_rows_are_read_leaves_nothing(feed, enrollment):
    def rows():
        yield row(1, "a", enrollment)
        raise ConnectionError("The line went dead.")

    with pytest.raises(ConnectionError):
        record_completions(rows=rows(), source_system=feed, kind="test", today=TODAY, on_outcome=print)
    assert on_file() == []
