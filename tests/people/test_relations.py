"""Appointments, guardianships and cases: given and ended, once, with history; and the commands for them."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction

from people.actions.appoint import MoneyOrLearning, appoint
from people.actions.end_relation import EndRefused, end_relation
from people.actions.give_case import give_cases
from people.actions.name_guardian import name_guardian
from people.actions.record_email import EmailRefused, record_email
from people.models import Guardianship, OneTimeSecret, Organization, Role, StudentCase, User

pytestmark = pytest.mark.django_db
MAY, JUNE, JULY, AUGUST = (datetime.date(2026, month, 1) for month in (5, 6, 7, 8))


@pytest.fixture
def school():
    return Organization.objects.create(kind="school", code="S", name="School")


@pytest.fixture
def ann():
    return appoint(username="ann", full_name="Ann", kind="student", starts_on=MAY)


def make(kind, username="ada", **fields):
    return appoint(username=username, full_name=username.title(), kind=kind, starts_on=MAY, **fields)


def run(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue().strip()


def test_an_appointment_is_given_once_and_after_its_end_anew(school):
    ada = make("school_administrator", organization=school)
    make("school_administrator", organization=school)
    assert Role.objects.count() == 1
    assert end_relation(kind="role", key=Role.objects.get().pk, ends_on=JULY) is True
    appoint(username="ada", full_name="", kind="school_administrator", starts_on=AUGUST, organization=school)
    assert list(Role.objects.order_by("pk").values_list("user", "starts_on", "ends_on")) == [
        (ada.pk, MAY, JULY),
        (ada.pk, AUGUST, None),
    ]


@pytest.mark.parametrize("kind", ["role", "guardianship", "case"])
def test_an_end_is_set_once_and_the_second_click_does_no_harm(ann, kind):
    ada = make("counsellor")
    name_guardian(guardian=ada, student=ann, starts_on=MAY)
    give_cases(counsellor_id=ada.pk, student_ids=[ann.pk], starts_on=MAY)
    model = {"role": Role, "guardianship": Guardianship, "case": StudentCase}[kind]
    key = model.objects.latest("pk").pk
    with pytest.raises(EndRefused, match="starts only then"):
        end_relation(kind=kind, key=key, ends_on=MAY)
    assert end_relation(kind=kind, key=key, ends_on=JULY) is True
    assert end_relation(kind=kind, key=key, ends_on=JULY) is False
    with pytest.raises(EndRefused, match="an end is set once"):
        end_relation(kind=kind, key=key, ends_on=AUGUST)
    with pytest.raises(ProgrammingError, match="never edited"), transaction.atomic():
        model.objects.filter(pk=key).update(ends_on=AUGUST)


def test_guardians_and_cases_are_given_once_while_they_live(ann):
    ada = make("counsellor")
    for day in (MAY, JUNE):
        name_guardian(guardian=ada, student=ann, starts_on=day)
        give_cases(counsellor_id=ada.pk, student_ids=[ann.pk], starts_on=day)
    assert (Guardianship.objects.count(), StudentCase.objects.count()) == (1, 1)


def test_money_and_learning_do_not_mix_and_it_is_said_in_words(school, ann):
    for give in (
        lambda who: make("school_administrator", who.username, organization=school),
        lambda who: name_guardian(guardian=who, student=ann, starts_on=MAY),
        lambda who: give_cases(counsellor_id=who.pk, student_ids=[ann.pk], starts_on=MAY),
    ):
        with pytest.raises(MoneyOrLearning, match="Give the person a second account"):
            give(make("auditor", "audrey"))
    assert not Guardianship.objects.exists()
    make("school_administrator", organization=school)
    with pytest.raises(MoneyOrLearning):
        make("finance_officer")


def test_an_email_is_one_persons(ann):
    ada = make("teacher")
    record_email(user_id=ada.pk, email=" Ada@School.example ")
    with pytest.raises(EmailRefused, match="another person"):
        record_email(user_id=ann.pk, email="ada@school.example")
    record_email(user_id=ada.pk, email="")
    record_email(user_id=ann.pk, email="ada@school.example")


def test_the_commands_appoint_and_end(school):
    secret = run("appoint", "ada", "school_administrator", organization="S", name="Ada", starts_on=MAY)
    assert len(secret) == 19
    assert secret not in OneTimeSecret.objects.get().secret_hash
    assert run("appoint", "ada", "school_administrator", organization="S", starts_on=MAY) == ""
    assert len(run("appoint", "audrey", "auditor", name="Audrey")) == 19
    assert run("appoint", "ada", "school_administrator", organization="S", end=JULY) == "Ended: 1."
    with pytest.raises(CommandError, match="no end yet"):
        run("appoint", "ada", "school_administrator", organization="S", end=JULY)
    with pytest.raises(CommandError, match="--name says"):
        run("appoint", "nobody", "teacher")
    with pytest.raises(CommandError, match="no organization"):
        run("appoint", "ada", "district_administrator", organization="S")
    with pytest.raises(CommandError, match="second account"):
        run("appoint", "ada", "auditor")


def test_the_commands_name_guardians_and_give_cases(ann):
    make("guardian", "gus")
    make("counsellor", "cora")
    run("name_guardian", "gus", "ann", starts_on=MAY, until=JULY)
    run("give_case", "cora", "ann", starts_on=MAY)
    assert Guardianship.objects.get().ends_on == JULY
    assert run("give_case", "cora", "ann", end=JULY) == "Ended: 1."
    assert StudentCase.objects.get().ends_on == JULY
    for wrong in (("name_guardian", "gus", "gus"), ("name_guardian", "gus", "nobody"), ("give_case", "cora", "nobody")):
        with pytest.raises(CommandError, match="on file"):
            run(*wrong)
    with pytest.raises(CommandError, match="lies after"):
        run("name_guardian", "gus", "ann", starts_on=MAY, until=MAY)


def test_nobody_new_comes_to_be_by_a_wrong_command():
    people = User.objects.count()
    with pytest.raises(CommandError):
        run("appoint", "x", "auditor", organization="none", name="X")
    assert User.objects.count() == people
