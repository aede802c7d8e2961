"""One account holds a role of money or a relation to a student, never both: the database refuses either order."""

import pytest
from django.db import IntegrityError, transaction

from database.areas import acting_as
from people.access import students_in_reach
from people.actions.name_guardian import name_guardian
from people.models import Guardianship, Organization, Role, StudentCase, User
from tests import build

pytestmark = pytest.mark.django_db
MONEY = ("finance_officer", "payment_releaser", "auditor")


def person(name):
    return User.objects.create_user(name)


def refused(make):
    with pytest.raises(IntegrityError, match="never both"), transaction.atomic():
        make()


@pytest.mark.parametrize("kind", MONEY)
def test_a_role_of_money_is_not_given_to_who_has_a_relation(kind):
    guardian, student, counsellor = person("guardian"), person("student"), person("counsellor")
    name_guardian(guardian=guardian, student=student, starts_on=build.START)
    StudentCase.objects.create(counsellor=counsellor, student=student, starts_on=build.START)
    for user in (guardian, counsellor):
        refused(lambda user=user: Role.objects.create(user=user, kind=kind, starts_on=build.START))
    assert not Role.objects.filter(kind=kind).exists()


@pytest.mark.parametrize("kind", MONEY)
def test_a_relation_is_not_given_to_who_has_a_role_of_money(kind):
    officer, student = person("officer"), person("student")
    Role.objects.create(user=officer, kind=kind, starts_on=build.START)
    school = Organization.objects.create(kind="school", code="S", name="School")
    refused(lambda: Guardianship.objects.create(guardian=officer, student=student, starts_on=build.START))
    refused(lambda: StudentCase.objects.create(counsellor=officer, student=student, starts_on=build.START))
    refused(lambda: Role.objects.create(user=officer, kind="school_administrator", organization=school, starts_on=build.START))


def test_who_handles_money_reaches_no_student_even_as_staff_of_a_provider():
    offering = build.offering()
    enrolled = build.enrollment(offering)
    staff = person("staff")
    Role.objects.create(user=staff, kind="provider_staff", organization=offering.provider, starts_on=build.START)
    day = build.day(10)
    with acting_as("area_learning"):
        assert [one.id for one in students_in_reach(actor_id=staff.pk, day=day)] == [enrolled.student_id]
    Role.objects.create(user=staff, kind="auditor", starts_on=build.START)
    with acting_as("area_learning"):
        assert students_in_reach(actor_id=staff.pk, day=day) == []
