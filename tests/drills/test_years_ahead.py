"""Synthetic years paid ahead, through the nights of the database: every account and line is what a pencil makes of the events."""

import datetime
import random
from fractions import Fraction

import pytest
from django.db import transaction

from database.areas import acting_as
from funding.actions.open_year_ahead import open_year_ahead
from funding.actions.re_estimate_year import re_estimate_year
from funding.actions.run_night import run_night
from funding.actions.true_up_year import true_up_year
from funding.calc.year_ahead import Instalment
from funding.models import PaymentLine, Program
from funding.queries.trial_balance import trial_balance
from funding.queries.verification import findings
from funding.queries.year_ahead_verification import year_ahead_findings
from tests import build
from tests.drills.year_ahead_by_hand import Learner, Pencil

YEARS = {"full": 200, "tenth": 20}
BEFORE = (datetime.date(2025, 7, 1), datetime.date(2025, 12, 31))
YEAR = (datetime.date(2026, 1, 1), datetime.date(2026, 6, 30))
# Nights lie between these; a year is trued up from the first night on or after its last day.
FIRST_NIGHT, LAST_NIGHT = datetime.date(2025, 12, 20), datetime.date(2026, 11, 30)


class Grown:
    """One random year: what happens is written into the database and into the pencil's list, side by side."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.rate = self.chance.choice((100_000, 98_688, 33_333, 7))
        build.program(rate=f"{self.rate // 100}.{self.rate % 100:02d}")
        self.pencil = Pencil([(datetime.date(2025, 7, 1), self.rate)])
        self.providers = ["P1", "P2", "P3"][: self.chance.randint(1, 3)]
        self.courses, self.rows = [], []
        for place, code in enumerate(self.providers):
            if place < 2:
                self._course(code, BEFORE[0])
            self._course(code, YEAR[0])
        for course in self.courses:
            for _ in range(self.chance.randint(1, 3)):
                self.enroll(course)
        self.cut = False
        self.ids = {build.provider(code).pk: code for code in self.providers}

    def _course(self, code, starts_on):
        modules, works = self.chance.randint(1, 3), self.chance.randint(1, 7)
        made = build.offering(
            code, code=f"{starts_on.year} {len(self.courses)}", modules=modules, assignments=works, starts_on=starts_on
        )
        by_module = {}
        for work in build.assignments(made):
            by_module.setdefault(work.module_id, []).append(work)
        self.courses.append((code, starts_on, modules, works, made, [by_module[key] for key in sorted(by_module)]))

    # --- what can happen ---

    def enroll(self, course=None):
        code, starts_on, modules, works, made, _ = course = course or self.chance.choice(self.courses)
        enrolled_on = starts_on + datetime.timedelta(days=self.chance.choice((-5, 0, 0, 3, 40)))
        learner = Learner(code, modules, works, starts_on, enrolled_on)
        self.pencil.learners.append(learner)
        self.rows.append((build.enrollment(made, enrolled_on=enrolled_on), learner, course, {}))

    def complete(self):
        enrollment, learner, course, sequences = self.chance.choice(self.rows)
        module, number = self.chance.randrange(learner.modules), self.chance.randrange(learner.works)
        before = sequences.get((module, number), -1)
        if before % 2 == 0:
            return
        on = course[1] + datetime.timedelta(days=self.chance.randint(-6, 200))
        build.complete(enrollment, course[5][module][number], on, sequence=before + 1)
        sequences[module, number] = before + 1
        learner.done[module, number] = on

    def void(self):
        enrollment, learner, course, sequences = self.chance.choice(self.rows)
        stated = [key for key, sequence in sequences.items() if sequence % 2 == 0]
        if not stated:
            return
        module, number = self.chance.choice(stated)
        on = learner.done[module, number]
        build.complete(enrollment, course[5][module][number], on, sequence=sequences[module, number] + 1)
        sequences[module, number] += 1
        learner.done[module, number] = None

    def withdraw(self):
        enrollment, learner, _, _ = self.chance.choice(self.rows)
        on = self.chance.choice((None, learner.start + datetime.timedelta(days=self.chance.randint(0, 150))))
        build.withdraw(enrollment, on)
        learner.withdrawn_on = on

    def re_enroll(self):
        enrollment, learner, course, _ = self.chance.choice(self.rows)
        on = course[1] + datetime.timedelta(days=self.chance.choice((0, 10, 60, 185)))
        if learner.withdrawn_on is None or on <= learner.withdrawn_on:
            build.re_enroll(enrollment, on)
            learner.enrolled_on = on

    def cut_the_price(self):
        if not self.cut:
            first, cents = self.chance.choice((YEAR[0], datetime.date(2026, 2, 1))), self.rate * 3 // 4
            build.program(rate=f"{cents // 100}.{cents % 100:02d}", in_force_from=first.isoformat())
            self.pencil.rates.append((first, cents))
            self.cut = True

    def happen(self, times):
        likely = [self.complete] * 14 + [self.void, self.void, self.withdraw, self.enroll, self.re_enroll, self.cut_the_price]
        for _ in range(times):
            self.chance.choice(likely)()

    # --- the year ---

    def open(self, on):
        parts = [self.chance.randint(1, 5) for _ in range(self.chance.randint(1, 6))]
        days = sorted(self.chance.sample([YEAR[0] + datetime.timedelta(days=n) for n in range(-10, 180)], len(parts)))
        schedule = [(day, part, sum(parts)) for day, part in zip(days, parts, strict=True)]
        open_year_ahead(
            program_code="trial",
            first_on=YEAR[0],
            last_on=YEAR[1],
            predicted_from=BEFORE,
            schedule=[Instalment(day, Fraction(part, whole)) for day, part, whole in schedule],
            on=on,
            opened_by=1,
        )
        self.pencil.open(*YEAR, *BEFORE, schedule, on)

    def re_estimate(self, on):
        if self.pencil.last_night < self.pencil.schedule[-1][0]:
            re_estimate_year(program_code="trial", first_on=YEAR[0], on=on, made_by=1)
            self.pencil.predict(on)

    def true_up(self):
        parts = self.pencil.waiting or self.chance.choice((1, 1, 2, 5))
        true_up_year(program_code="trial", first_on=YEAR[0], asked_by=1, parts=parts)
        self.pencil.true_up(parts)

    def night(self, on):
        expected = self.pencil.night(on)
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            run = run_night(program_code="trial", business_date=on)
        figures = ("provider_id", "posted_cents", "carried_in_cents", "amount_cents")
        lines = PaymentLine.objects.filter(batch__run=run).values_list(*figures)
        assert {self.ids[provider]: line for provider, *line in lines} == {code: list(line) for code, line in expected.items()}
        with acting_as("area_funding"):
            found = {row["account"]: row["balance_cents"] for row in trial_balance(program_code="trial")}
        for code in self.providers:
            assert found[f"in-payment:{code}"] == -self.pencil.in_payment[code], (on, code)
            assert found[f"payable:{code}"] == self.pencil.in_payment[code] - self.pencil.payable[code], (on, code)
            assert found.get(f"year-ahead:{code}:2026-01-01", 0) == self.pencil.on_account.get(code, 0), (on, code)
        assert sum(found.values()) == 0


def live_through(seed):
    grown = Grown(seed)
    grown.happen(grown.chance.randint(10, 30))
    on, opened, after_end = FIRST_NIGHT, False, 0
    if grown.chance.random() < 0.5:
        grown.open(on)
        opened = True
    while on < LAST_NIGHT:
        grown.night(on)
        if not opened:
            # Before learning that is in the books comes to start in the year, or it would be refused.
            grown.open(on)
            opened = True
        grown.happen(grown.chance.randint(0, 12))
        if grown.chance.random() < 0.3:
            grown.re_estimate(on)
        if on >= YEAR[1] and (after_end == 0 or grown.chance.random() < 0.4):
            grown.true_up()
            after_end += 1
        on += datetime.timedelta(days=grown.chance.randint(5, 45))
    settle_up(grown, on)


def settle_up(grown, on):
    """A last true-up, and nights until every part of it is taken: advances and true-ups are then what was earned, to the cent."""
    grown.true_up()
    for _ in range(6):
        on += datetime.timedelta(days=31)
        grown.night(on)
    assert set(grown.pencil.on_account.values()) <= {0}
    with acting_as("area_funding"):
        program = Program.objects.get()
        assert [*findings(program=program), *year_ahead_findings(program=program)] == []


@pytest.fixture
def years(request):
    return YEARS[request.config.getoption("--drill-size")], request.config.getoption("--drill-seed")


@pytest.mark.django_db
def test_synthetic_years_through_the_nights_are_to_the_cent_what_a_pencil_makes_of_their_events(years):
    count, first = years
    for seed in range(first, first + count):
        try:
            with transaction.atomic():
                live_through(seed)
                transaction.set_rollback(True)
        except Exception as failure:
            failure.add_note(f"in the synthetic year of seed {seed}")
            raise
