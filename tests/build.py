"""Plain builders of facts for tests: every keyword has a default, everything is really written."""

import datetime
import itertools

from django.db.models.functions import Now

from enrollments.models import (
    Assignment,
    Completion,
    Course,
    Enrollment,
    EnrollmentChange,
    IntakeBatch,
    Module,
    Offering,
    SourceSystem,
)
from funding.actions.open_books import open_period
from funding.actions.put_in_force import put_in_force
from funding.calc.case_price import price_case, trace_of
from funding.calc.engine.document import read_document
from funding.calc.engine.recorded import reads
from funding.models import FiscalPeriod, Program
from people.models import Organization, User

_numbers = itertools.count(1)

START = datetime.date(2026, 1, 1)

POLICY = """
policy: {program}
name: A program of the tests
currency: USD
in_force_from: {in_force_from}
governed_by: start_of_learning
stakes: low
program: {{code: {program}, catalogue: {catalogue}, fiscal_year_starts_month: 7, unit: module, timetable: {timetable}}}
basis: {{title: The tests, section: invented, link: docs/money.md}}
rounding: {{step: "0.01", mode: half_up, of: each_payment}}
facts:
  start_of_learning: {{is: date, measure: enrollment, label: the day on which learning started}}
  credit: {{is: number, measure: enrollment, label: credit of the module}}
  assigned: {{is: number, measure: enrollment, label: low-stakes assignments of the module}}
  completed: {{is: number, measure: completion, label: low-stakes assignments completed}}
figures:
  rate:
    label: rate per credit
    unit: USD per credit
    values:
      - {{from: {in_force_from}, value: "{rate}", citation: {{title: The tests, section: invented, link: docs/money.md}}}}
lines:
  counted: {{says: No more than what was assigned counts., smallest: [completed, assigned]}}
  share: {{says: The share completed., quotient: {{of: counted, by: assigned, if_nothing: zero}}}}
  earned: {{says: "Rate, credit and the share completed.", product: [rate, credit, share]}}
pays:
  - {{line: earned, to: provider, from: state}}
"""


def day(number):
    """Day `number` of the tests' year, counted from START as day 1."""
    return START + datetime.timedelta(days=number - 1)


def policy_text(program="trial", catalogue="trial", rate="986.88", in_force_from="2025-07-01", timetable="by_hand"):
    return POLICY.format(program=program, catalogue=catalogue, rate=rate, in_force_from=in_force_from, timetable=timetable)


def officer(name="officer"):
    user, _ = User.objects.get_or_create(username=name, defaults={"full_name": name.title(), "works_in_office": True})
    return user


def case_price(case, **fields):
    """What a case of an enrollment-module earns under the tests' policy."""
    policy = read_document(policy_text(**fields), "tests.yaml")
    return price_case(case, policy, reads(policy), by_module=True)


def case_trace(case, **fields):
    """The arithmetic of it, as a reader is told it."""
    policy = read_document(policy_text(**fields), "tests.yaml")
    return trace_of(case, policy, reads(policy), by_module=True)


def program(**fields):
    """A program with one released policy; returns its code."""
    return in_force(policy_text(**fields)).program.code


def in_force(text):
    """The policy of the text, written, approved and released by the three people of the tests."""
    writer, first, second = (officer(name).pk for name in ("writer", "first", "second"))
    return put_in_force(content=text, written_by=writer, approved_by=(first, second), name="tests.yaml")


def provider(code="P1"):
    return Organization.objects.get_or_create(kind="provider", code=code, defaults={"name": f"Provider {code}"})[0]


def source(code="feed", catalogue="trial"):
    return SourceSystem.objects.get_or_create(code=code, defaults={"catalogue": catalogue})[0]


def batch():
    return IntakeBatch.objects.create(source_system=source(), kind="test")


def offering(provider_code="P1", code="A 1", modules=1, assignments=4, starts_on=START, catalogue="trial"):
    """An offering of a new course of `modules` modules of equal credit, each with `assignments` required assignments."""
    course = Course.objects.create(catalogue=catalogue, code=f"{provider_code} {code}", title=f"Course {code}")
    made = Offering.objects.create(course=course, provider=provider(provider_code), code=code, starts_on=starts_on, length_days=200)
    arrival = batch()
    for number in range(1, modules + 1):
        module = Module.objects.create(
            course=course, code=f"M{number}", title=f"Module {number}", credit_numerator=1, credit_denominator=modules
        )
        for work in range(1, assignments + 1):
            Assignment.objects.create(
                offering=made, module=module, code=f"{number}.{work}", title=f"Work {number}.{work}", stakes="low", batch=arrival
            )
    return made


def enrollment(offering, enrolled_on=START, withdrawn_on=None):
    number = next(_numbers)
    student = User.objects.create(username=f"enrolled-{number}", full_name=f"Student {number}", password="!")
    return Enrollment.objects.create(
        code=f"E-{number}", student=student, offering=offering, enrolled_on=enrolled_on, withdrawn_on=withdrawn_on, batch=batch()
    )


def assignments(offering):
    return list(Assignment.objects.filter(offering=offering, stakes="low").order_by("id"))


def complete(enrollment, assignment, on, carried_over=False, sequence=0, arrival=None):
    """State (or, with an odd `sequence`, void) that the work was completed; a batch of its own unless given one."""
    return Completion.objects.create(
        enrollment=enrollment,
        assignment=assignment,
        sequence=sequence,
        source_system=source(),
        source_id=f"{enrollment.pk}-{assignment.pk}",
        source_revision=sequence,
        completed_on=on,
        carried_over=carried_over,
        batch=arrival or batch(),
    )


def withdraw(enrollment, on):
    """The enrollment's withdrawal becomes known, as the roster tells it: the date and the change beside it."""
    EnrollmentChange.objects.create(
        enrollment=enrollment,
        batch=batch(),
        enrolled_on_before=enrollment.enrolled_on,
        enrolled_on_after=enrollment.enrolled_on,
        withdrawn_on_before=enrollment.withdrawn_on,
        withdrawn_on_after=on,
        reason="roster",
    )
    enrollment.withdrawn_on = on
    enrollment.save(update_fields=["withdrawn_on"])


def re_enroll(enrollment, on):
    """Another first day becomes known, as the roster tells it: the date and the change beside it."""
    EnrollmentChange.objects.create(
        enrollment=enrollment,
        batch=batch(),
        enrolled_on_before=enrollment.enrolled_on,
        enrolled_on_after=on,
        withdrawn_on_before=enrollment.withdrawn_on,
        withdrawn_on_after=enrollment.withdrawn_on,
        reason="roster",
    )
    enrollment.enrolled_on = on
    enrollment.save(update_fields=["enrolled_on"])


def closed_month(day, program_code="trial"):
    """The month of `day`, closed whether or not a night has covered it."""
    period = open_period(program=Program.objects.get(code=program_code), day=day)
    FiscalPeriod.objects.filter(pk=period.pk).update(closed_at=Now(), closed_by=officer().pk)
    return FiscalPeriod.objects.get(pk=period.pk)
