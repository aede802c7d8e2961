"""Access ends with the relation: from that day on the student is answered as one who does not exist."""

import datetime
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from enrollments.models import SchoolEnrollment, SchoolYear, SectionEducator, SectionStudent
from people.models import Guardianship, Role, StudentCase
from tests import build_learning

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
TODAY = datetime.datetime.now(datetime.UTC).date()
TOMORROW = TODAY + datetime.timedelta(days=1)


def reads(client, person, student):
    client.force_login(person)
    return client.get(f"/api/v1/students/{student}/levels")


def ends(relation, rows, client, person, student):
    """With an end tomorrow it still opens; with an end today it reads as if there were no such student."""
    with transaction.atomic():
        rows.update(ends_on=TOMORROW)
        assert reads(client, person, student.uuid).status_code == 200, relation
        # An end is set once: the other day is tried on a relation that is still open.
        transaction.set_rollback(True)
    rows.update(ends_on=TODAY)
    gone, never = reads(client, person, student.uuid), reads(client, person, uuid.uuid4())
    assert (gone.status_code, gone.content) == (404, never.content), relation
    assert client.get("/api/v1/students").json()["results"] == []


def test_a_guardianship_that_has_ended_opens_nothing(client):
    student = build_learning.student()
    guardian = build_learning.guardian(student)
    ends("guardian", Guardianship.objects.all(), client, guardian, student)


def test_a_closed_case_opens_nothing(client):
    student = build_learning.student()
    counsellor = build_learning.counsellor(student)
    ends("counsellor", StudentCase.objects.all(), client, counsellor, student)


def test_a_substitutes_last_day_is_the_last(client):
    teacher, (student,), section = build_learning.class_of()
    substitute = build_learning.teacher()
    SectionEducator.objects.create(
        section=section, educator=substitute, kind="substitute", starts_on=TODAY - datetime.timedelta(days=3), ends_on=TODAY
    )
    ends("substitute", SectionEducator.objects.filter(kind="substitute"), client, substitute, student)
    assert reads(client, teacher, student.uuid).status_code == 200


def test_a_student_who_has_left_the_class_or_the_school_is_out_of_reach(client):
    teacher, (student,), section = build_learning.class_of()
    ends("teacher", SectionStudent.objects.all(), client, teacher, student)
    ends("school", SchoolEnrollment.objects.all(), client, build_learning.administrator(section.school), student)


def test_an_administrator_whose_office_has_ended_is_none(client):
    _, (student,), section = build_learning.class_of()
    administrator = build_learning.administrator(section.school)
    ends("administrator", Role.objects.filter(user=administrator), client, administrator, student)


def test_the_command_gives_a_token_within_scopes_and_takes_it_back(client):
    student = build_learning.student()
    out = StringIO()
    call_command("issue_personal_token", student.username, "--scopes", "record.read", stdout=out)
    bearer = {"Authorization": f"Bearer {out.getvalue().strip()}"}
    assert client.get("/api/v1/students", headers=bearer).status_code == 200
    assert client.get("/api/v1/classes", headers=bearer).status_code == 403
    call_command("issue_personal_token", student.username, "--revoke", stdout=StringIO())
    assert client.get("/api/v1/students", headers=bearer).status_code == 401
    for wrong in (["nobody-here"], [student.username], [student.username, "--scopes", "all"]):
        with pytest.raises(CommandError):
            call_command("issue_personal_token", *wrong)


def test_the_command_opens_a_school_year():
    call_command("open_school_year", "2030-31", "2030-08-01", "2031-06-30", "fall:2030-08-01:2030-12-20", stdout=StringIO())
    assert SchoolYear.objects.get(code="2030-31").terms.get().code == "fall"
    for wrong in ("fall:2030-08-01:2031-12-20", "fall"):
        with pytest.raises(CommandError):
            call_command("open_school_year", "2030-31", "2030-08-01", "2031-06-30", wrong)
