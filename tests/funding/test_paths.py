"""Whatever nights lie between, the end is the same: the books say what the facts say, and no path leaves a trace in them."""

import datetime
import os
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import hypothesis.strategies as st
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as effort

from database.areas import acting_as
from funding.actions.release_demonstration import release_demonstration
from funding.actions.run_night import run_night
from funding.models import Discrepancy, DiscrepancyResolution, EarningState, Program, Run, Transfer
from funding.queries.trial_balance import trial_balance
from funding.queries.verification import findings
from tests import build
from tests.copies import copied_database, using_database

OULAD = Path(os.environ.get("CREDENCE_SHARED_DATA", settings.BASE_DIR.parent / "shared" / "data")) / "oulad"
FIRST_MONTH, MONTHS = datetime.date(2013, 2, 1), 32
OULAD_TOTAL_CENTS = 1_227_983_317


def month_ends():
    following = FIRST_MONTH
    for _ in range(MONTHS):
        following = (following + datetime.timedelta(days=31)).replace(day=1)
        yield following - datetime.timedelta(days=1)


def oulad_balances():
    with acting_as("area_funding"):
        return {row["account"]: row["balance_cents"] for row in trial_balance(program_code="oulad-completion")}


@pytest.mark.slow
@pytest.mark.skipif(not OULAD.is_dir(), reason=f"the Open University's files are not at {OULAD}; CREDENCE_SHARED_DATA says where")
def test_the_balances_after_32_month_end_nights_equal_those_after_one_account_by_account(committed_db, capsys):
    call_command("import_oulad", str(OULAD))
    release_demonstration(program_code="oulad-completion")
    *_, last = nights = list(month_ends())
    assert last == datetime.date(2015, 9, 30)
    with copied_database("one_night") as copy, using_database(copy):
        run_night(program_code="oulad-completion", business_date=last)
        after_one = oulad_balances()
    for on in nights:
        run_night(program_code="oulad-completion", business_date=on)
    assert Run.objects.count() == MONTHS
    assert oulad_balances() == after_one
    assert after_one["program-cost:state"] == OULAD_TOTAL_CENTS


# --- Small random facts ---

STUDENTS, WORKS, LAST_DAY = 2, 3, 100
days = st.integers(-1, 20)
enrollments = st.integers(0, STUDENTS - 1)
works = st.integers(0, WORKS - 1)
events = st.one_of(
    st.tuples(st.just("complete"), enrollments, works, days),
    st.tuples(st.just("carry_over"), enrollments, works, days),
    st.tuples(st.just("void"), enrollments, works),
    st.tuples(st.just("withdraw"), enrollments, st.none() | days),
    st.tuples(st.just("assign")),
)
doubts = st.tuples(st.just("resolve"), st.sampled_from(("accepted", "dismissed")))


class World:
    """An offering with two enrollments, to which events happen; and what a person with a list and a pencil would pay."""

    def __init__(self):
        build.program()
        self.course = build.offering(assignments=WORKS)
        self.works = build.assignments(self.course)
        self.students = [build.enrollment(self.course) for _ in range(STUDENTS)]
        self.latest = {}
        self.withdrawn = defaultdict(lambda: None)

    def happen(self, event):
        kind, *details = event
        getattr(self, kind)(*details)

    def complete(self, student, work, on, carried_over=False):
        before = self.latest.get((student, work))
        if before is None or before[0] % 2:
            self._write(student, work, before[0] + 1 if before else 0, on, carried_over)

    def carry_over(self, student, work, on):
        self.complete(student, work, on, carried_over=True)

    def void(self, student, work):
        before = self.latest.get((student, work))
        if before and before[0] % 2 == 0:
            self._write(student, work, before[0] + 1, *before[1:])

    def _write(self, student, work, sequence, on, carried_over):
        build.complete(self.students[student], self.works[work], build.day(on), carried_over, sequence)
        self.latest[student, work] = (sequence, on, carried_over)

    def withdraw(self, student, on):
        build.withdraw(self.students[student], None if on is None else build.day(on))
        self.withdrawn[student] = on

    def assign(self):
        module, number = self.works[0].module, len(self.works) + 1
        made = type(self.works[0]).objects.create(
            offering=self.course, module=module, code=f"late {number}", title="Late", stakes="low", batch=build.batch()
        )
        self.works.append(made)

    def resolve(self, outcome):
        open_doubt = Discrepancy.objects.filter(resolution=None).order_by("enrollment_id", "assignment_id", "sequence").first()
        if open_doubt:
            DiscrepancyResolution.objects.create(discrepancy=open_doubt, outcome=outcome, reason="looked into", resolved_by=1)

    def owed_cents(self, accepted=frozenset()):
        """By enrollment: the share of the work that stands, or was accepted, of 986.88; half a cent goes up."""
        owed = {}
        for number, student in enumerate(self.students):
            counted = 0
            for (owner, work), (sequence, on, carried_over) in self.latest.items():
                last = self.withdrawn[number]
                inside = on >= 1 and (last is None or on <= last)
                taken = (student.pk, self.works[work].pk, sequence) in accepted
                counted += owner == number and sequence % 2 == 0 and not carried_over and (inside or taken)
            owed[student.pk] = int(Fraction(98688 * counted, len(self.works)) + Fraction(1, 2))
        return owed


def posted_cents(world):
    posted = {student.pk: 0 for student in world.students}
    posted.update(EarningState.objects.values_list("enrollment_id", "posted_cents"))
    return posted


def night(on):
    run_night(program_code="trial", business_date=build.day(on))


def assert_the_books_are_clean():
    with acting_as("area_funding"):
        assert list(findings(program=Program.objects.get())) == []


def walk(happenings):
    """The world after the events; a night `days_on` days after the last one before each event that has any, and one at the end."""
    world, on = World(), 1
    for event, days_on in happenings:
        if days_on:
            on += days_on
            night(on)
        world.happen(event)
    night(LAST_DAY)
    assert_the_books_are_clean()
    return world


def without_nights(happenings):
    return [(event, 0) for event, _ in happenings]


# No night before an event, or one so many days after the last.
between = st.sampled_from((0, 0, 1, 6, 12))
some = st.lists(st.tuples(events, between), min_size=3, max_size=12)
some_with_decisions = st.lists(st.tuples(st.one_of(events, doubts), between), min_size=4, max_size=14)
thorough = effort(
    max_examples=40, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def undone(what):
    with transaction.atomic():
        answer = what()
        transaction.set_rollback(True)
    return answer


DONE = ("complete", 0, 0, 3)


@pytest.mark.django_db
@thorough
@given(some)
@example([(DONE, 0), (("withdraw", 0, 1), 6)])
@example([(DONE, 0), (("withdraw", 0, 1), 0), (("withdraw", 0, None), 6)])
@example([(DONE, 0), (("assign",), 6)])
@example([(DONE, 0), (("void", 0, 0), 6), (("complete", 0, 0, 9), 1)])
@example([(("complete", 0, 0, 15), 0), (("assign",), 6), (("void", 0, 0), 6)])
def test_any_path_of_nights_ends_at_what_the_facts_say(happenings):
    def end(path):
        world = walk(path)
        assert posted_cents(world) == world.owed_cents()
        ledger = sum(t.amount_cents if t.kind == "earn" else -t.amount_cents for t in Transfer.objects.filter(claim__isnull=False))
        assert ledger == sum(world.owed_cents().values())
        return list(posted_cents(world).values())

    assert undone(lambda: end(happenings)) == undone(lambda: end(without_nights(happenings)))


@pytest.mark.django_db
@thorough
@given(some_with_decisions)
@example([(DONE, 0), (("withdraw", 0, 1), 0), (("resolve", "accepted"), 6), (("assign",), 6)])
@example([(DONE, 0), (("withdraw", 0, 1), 6), (("resolve", "dismissed"), 6), (("withdraw", 0, None), 1)])
def test_resolved_discrepancies_pay_what_people_decided_and_nothing_else(happenings):
    def end():
        world = walk(happenings)
        accepted = DiscrepancyResolution.objects.filter(outcome="accepted").values_list(
            "discrepancy__enrollment_id", "discrepancy__assignment_id", "discrepancy__sequence"
        )
        assert posted_cents(world) == world.owed_cents(set(accepted))

    undone(end)
