"""Packs that can run by night do: what they pay is what their lines say, source by source, whatever the order of facts."""

import datetime
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from django.db.models import Sum

from database.areas import acting_as
from enrollments.models import Assignment, AttestedMilestone, Enrollment, Module, Need, PriorLearning
from funding.actions.run_night import run_night
from funding.calc.engine.document import read_document
from funding.calc.engine.evaluate import price
from funding.models import Account, Claim, PaymentLine, Program, Transfer
from funding.queries.explanation import explain_line
from funding.queries.verification import findings
from tests import build

PACKS = Path(__file__).parents[2] / "funding" / "packs"
BY_NIGHT = sorted(path.stem for path in PACKS.glob("*.yaml") if "\nprogram:" in path.read_text())
FIRST = datetime.date(2025, 9, 1)
LAST = datetime.date(2026, 6, 30)
LEVELS = {"grades_to_grow": [Fraction(0), Fraction(3, 2), Fraction(2)], "share_left": [Fraction(1, 2), Fraction(1)]}

pytestmark = pytest.mark.django_db


def in_force(name):
    """The pack in force over the tests' catalogue, from 2025 on; its document."""
    text = (PACKS / f"{name}.yaml").read_text().replace(f"\n  catalogue: {name}\n", "\n  catalogue: trial\n")
    build.in_force(text)
    return read_document(text, f"{name}.yaml")


def ground(students=4):
    """Two courses of two modules, at two providers; enrollments in each."""
    offerings = [
        build.offering("P0001", "C1", modules=2, starts_on=FIRST),
        build.offering("P2", "C2", modules=2, starts_on=FIRST),
    ]
    for offering, code in zip(offerings, ("C1", "C2"), strict=True):
        offering.course.code = code
        offering.course.save()
    return [build.enrollment(offering, enrolled_on=FIRST) for offering in offerings for _ in range(students)]


def state_need(enrollment, category="low_income", sequence=0):
    Need.objects.create(enrollment=enrollment, category=category, sequence=sequence, batch=build.batch())


def attest(enrollment, milestone, on, sequence=0):
    AttestedMilestone.objects.create(
        enrollment=enrollment, milestone=milestone, attained_on=on, sequence=sequence, attested_by=build.officer(), batch=build.batch()
    )


def attest_level(enrollment, measure, amount):
    PriorLearning.objects.create(
        enrollment=enrollment,
        measure=measure,
        numerator=None if amount is None else amount.numerator,
        denominator=None if amount is None else amount.denominator,
        attested_by=build.officer(),
        batch=build.batch(),
    )


def night(on):
    return run_night(program_code=Program.objects.get().code, business_date=on)


def paid():
    """Cents that each source has borne by enrollment, from the ledger alone."""
    found = Counter()
    for transfer in Transfer.objects.filter(kind__in=("earn", "recover")).select_related("claim", "debit_account", "credit_account"):
        cost = transfer.debit_account if transfer.kind == "earn" else transfer.credit_account
        sign = 1 if transfer.kind == "earn" else -1
        found[transfer.claim.enrollment_id, cost.part] += sign * transfer.amount_cents
    return {key: cents for key, cents in found.items() if cents}


class Told:
    """What was said of each enrollment, kept beside the record in the plainest way: the naive oracle's memory."""

    def __init__(self):
        self.done, self.needs, self.milestones, self.levels, self.left = {}, {}, {}, {}, {}

    def pays(self, document, on):
        found = Counter()
        for enrollment in Enrollment.objects.select_related("offering__course", "offering__provider").order_by("id"):
            modules = list(Module.objects.filter(course=enrollment.offering.course))
            work = {m.pk: list(Assignment.objects.filter(offering=enrollment.offering, module=m, stakes="low")) for m in modules}
            units = [[m] for m in modules] if document.program.unit == "module" else [modules]
            for unit in units:
                facts = self.facts(document, enrollment, unit, work, on)
                for money in price(document, facts).paid:
                    found[enrollment.pk, money.flow.source] += int(money.amount * 100)
        return {key: cents for key, cents in found.items() if cents}

    def facts(self, document, enrollment, unit, work, on):
        last = min(self.left.get(enrollment.pk, on), on)
        done = [sum(self.done.get((enrollment.pk, one.pk), LAST) <= last for one in work[m.pk]) for m in unit]
        after = last + datetime.timedelta(days=1)
        known = {
            "start_of_learning": FIRST,
            "credit": sum((Fraction(m.credit_numerator, m.credit_denominator) for m in unit), Fraction(0)),
            "assigned": Fraction(sum(len(work[m.pk]) for m in unit)),
            "completed": Fraction(sum(done)),
            "modules": Fraction(len(unit)),
            "modules_completed": Fraction(sum(n == len(work[m.pk]) for n, m in zip(done, unit, strict=True))),
            "months_learned": Fraction(after.year * 12 + after.month - FIRST.year * 12 - FIRST.month),
            "days_learned": Fraction((last - FIRST).days + 1),
        }
        facts = {fact.name: fact.otherwise for fact in document.facts.values() if fact.otherwise is not None}
        for name, fact in document.facts.items():
            place = document.program.reads.get(name)
            of, word = (place.of, place.word) if place else (name, name)
            if of in known:
                facts[name] = min(known[of], Fraction(place.at_most)) if place and place.at_most else known[of]
            elif of == "need" or (fact.measure == "need" and fact.kind.base == "flag"):
                facts[name] = word in self.needs.get(enrollment.pk, ())
            elif of == "milestone" or fact.measure == "attested_milestone":
                stands = self.milestones.get(enrollment.pk, {}).get(word, LAST) <= on
                facts[name] = Fraction(stands) if fact.kind.base == "number" else stands
            elif of == "prior_learning" or fact.measure == "prior_learning":
                facts[name] = self.levels.get((enrollment.pk, word), facts.get(name))
            elif place:
                code = enrollment.offering.course.code if of == "by_course" else enrollment.offering.provider.code
                facts[name] = dict(place.by_code).get(code, place.otherwise)
        return facts


class History:
    """A year drawn at random, event by event, written into the record and told to the oracle."""

    def __init__(self, seed, document):
        self.random, self.document, self.told = random.Random(seed), document, Told()
        self.rows = Counter()
        self.enrollments = ground()
        for enrollment in self.enrollments:
            for measure, amounts in LEVELS.items():
                self.level(enrollment, measure, self.random.choice(amounts))

    def level(self, enrollment, measure, amount):
        attest_level(enrollment, measure, amount)
        self.told.levels[enrollment.pk, measure] = amount

    def happen(self, on):
        enrollment = self.random.choice(self.enrollments)
        self.random.choice([self.work, self.work, self.work, self.need, self.milestone, self.reassess, self.leave])(enrollment, on)

    def work(self, enrollment, on):
        one = self.random.choice(build.assignments(enrollment.offering))
        key = (enrollment.pk, one.pk)
        if key in self.told.done:
            build.complete(enrollment, one, self.told.done.pop(key), sequence=self.next_row(key))
        elif enrollment.pk not in self.told.left:
            build.complete(enrollment, one, on, sequence=self.next_row(key))
            self.told.done[key] = on

    def need(self, enrollment, on):
        category = self.random.choice(["low_income", "special_education"])
        state_need(enrollment, category, sequence=self.next_row((enrollment.pk, category)))
        self.told.needs.setdefault(enrollment.pk, set()).symmetric_difference_update({category})

    def milestone(self, enrollment, on):
        for milestone in self.random.sample(["passed", "credited", "late", "achieved"], 2):
            stands = self.told.milestones.setdefault(enrollment.pk, {})
            day = stands.pop(milestone, None)
            attest(enrollment, milestone, day or on, sequence=self.next_row((enrollment.pk, milestone)))
            if day is None:
                stands[milestone] = on

    def reassess(self, enrollment, on):
        measure = self.random.choice(list(LEVELS))
        self.level(enrollment, measure, self.random.choice(LEVELS[measure]))

    def leave(self, enrollment, on):
        if enrollment.pk not in self.told.left and self.random.random() < 0.3:
            build.withdraw(enrollment, on)
            self.told.left[enrollment.pk] = on

    def next_row(self, key):
        self.rows[key] += 1
        return self.rows[key] - 1


def days(number):
    return [FIRST + datetime.timedelta(days=7 * week) for week in range(1, number + 1)]


def test_ten_packs_can_run_by_night():
    assert len(BY_NIGHT) >= 10


@pytest.mark.parametrize("name", BY_NIGHT)
def test_night_after_night_a_pack_pays_what_its_lines_say_of_the_facts_so_far(name):
    document = in_force(name)
    history = History(name, document)
    for on in days(30):
        for _ in range(4):
            history.happen(on)
        if history.random.random() < 0.4:
            night(on)
            assert paid() == history.told.pays(document, on)
    night(LAST - datetime.timedelta(days=1))
    assert paid() == history.told.pays(document, LAST - datetime.timedelta(days=1))
    assert paid()
    with acting_as("area_funding"):
        assert list(findings(program=Program.objects.get())) == []


@pytest.mark.parametrize("name", BY_NIGHT)
def test_what_never_should_have_been_goes_back_to_the_sources_that_paid_it(name):
    document = in_force(name)
    history = History(name, document)
    for on in days(20):
        for _ in range(6):
            history.happen(on)
    night(days(21)[-1])
    borne = Counter()
    for (_, source), cents in paid().items():
        borne[source] += cents
    assert borne
    for enrollment in history.enrollments:
        build.withdraw(enrollment, FIRST - datetime.timedelta(days=1))
    night(days(22)[-1])
    night(days(23)[-1])
    assert paid() == {}
    went_back = Transfer.objects.filter(kind="recover").values_list("credit_account__part").annotate(Sum("amount_cents"))
    assert dict(went_back) == dict(borne)


def test_a_module_begun_at_one_provider_and_ended_at_another_is_paid_once_in_all():
    in_force("combined")
    first, second = build.offering("P3", "C1"), build.offering("P2", "C2")
    here = build.enrollment(first, enrolled_on=FIRST)
    works = build.assignments(first)
    for work in works[:3]:
        build.complete(here, work, FIRST + datetime.timedelta(days=20))
    night(FIRST + datetime.timedelta(days=30))
    moved_on = FIRST + datetime.timedelta(days=40)
    build.withdraw(here, moved_on)
    there = build.enrollment(second, enrolled_on=moved_on)
    for place, work in enumerate(build.assignments(second)):
        build.complete(there, work, moved_on + datetime.timedelta(days=place), carried_over=place < 3)
    night(FIRST + datetime.timedelta(days=60))
    by_provider = Counter()
    for (enrollment, _source), cents in paid().items():
        by_provider[enrollment] += cents
    whole = 98688
    assert by_provider[here.pk] == whole * 3 // 4
    assert by_provider[there.pk] == whole // 4
    assert sum(by_provider.values()) == whole
    assert {account.part for account in Account.objects.filter(kind="program-cost")} == {"state", "federal", "local"}


def test_a_case_without_a_price_leaves_what_was_earned_and_says_why(capsys):
    in_force("growth-weighted")
    student = build.enrollment(build.offering(starts_on=FIRST), enrolled_on=FIRST)
    attest_level(student, "grades_to_grow", Fraction(1))
    build.complete(student, build.assignments(student.offering)[0], FIRST)
    night(FIRST)
    before = paid()
    attest_level(student, "grades_to_grow", None)
    run = night(FIRST + datetime.timedelta(days=1))
    assert paid() == before
    assert run.result["not_priced"] == 1
    assert "no grades_to_grow" in run.result["problems"][0]
    attest_level(student, "grades_to_grow", Fraction(0))
    night(FIRST + datetime.timedelta(days=2))
    assert sum(paid().values()) == 24672


def test_what_pays_on_enrolment_pays_from_the_day_on_which_learning_begins():
    in_force("la-course")
    later = build.enrollment(build.offering("P2", "C2", starts_on=FIRST), enrolled_on=FIRST + datetime.timedelta(days=10))
    night(FIRST)
    assert paid() == {}
    night(FIRST + datetime.timedelta(days=9))
    assert paid() == {}
    run = night(FIRST + datetime.timedelta(days=10))
    # Half of nine tenths of a sixth of 4,800 for a pupil, which is below the price.
    assert paid() == {(later.pk, "state"): 36000}
    newcomer = build.enrollment(later.offering, enrolled_on=FIRST)
    night(run.business_date + datetime.timedelta(days=1))
    assert paid() == {(later.pk, "state"): 36000, (newcomer.pk, "state"): 36000}


def test_a_new_version_makes_dirty_what_it_governs_and_nothing_else():
    in_force("completion")
    course = build.offering(starts_on=FIRST)
    day = FIRST + datetime.timedelta(days=100)
    before, after = build.enrollment(course, enrolled_on=FIRST), build.enrollment(course, enrolled_on=day)
    for student, on in ((before, FIRST), (after, day)):
        build.complete(student, build.assignments(course)[0], on)
    night(day)
    text = (PACKS / "completion.yaml").read_text().replace("catalogue: completion\n", "catalogue: trial\n")
    cut = text.replace("in_force_from: 2013-01-01", f"in_force_from: {day}").replace('"986.88"', '"900"')
    build.in_force(cut)
    run = night(day + datetime.timedelta(days=1))
    assert list(Claim.objects.filter(run=run).values_list("enrollment_id", flat=True)) == [after.pk]
    assert paid() == {(before.pk, "state"): 24672, (after.pk, "state"): 22500}


def test_the_explanation_tells_each_source_and_the_arithmetic_anew():
    in_force("combined")
    student = build.enrollment(build.offering("P3", starts_on=FIRST), enrolled_on=FIRST)
    for work in build.assignments(student.offering):
        build.complete(student, work, FIRST)
    night(datetime.date(2025, 9, 30))
    with acting_as("area_funding"):
        told = explain_line(line_id=PaymentLine.objects.get().pk)
        assert {t["source"]: t["amount_cents"] for t in told["transfers"]} == {"federal": 9619, "local": 2500, "state": 86569}
        assert told["adds_up"]
        assert [len(transfer["completions"]) for transfer in told["transfers"]] == [4, 4, 4]
        case = told["transfers"][0]["case"]
        assert case["trace"][-1]["words"].startswith("funded.local is paid to provider from local")
        assert case["results"]["earned"] == "986.88"


def test_a_need_that_no_policy_asks_for_makes_nothing_dirty():
    in_force("completion")
    student = build.enrollment(build.offering(starts_on=FIRST), enrolled_on=FIRST)
    build.complete(student, build.assignments(student.offering)[0], FIRST)
    night(FIRST)
    state_need(student)
    attest(student, "passed", FIRST)
    run = night(FIRST + datetime.timedelta(days=1))
    assert run.shards.count() == 0
