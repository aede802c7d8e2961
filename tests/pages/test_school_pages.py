"""A school's pages: its classes and who is in them, a roster with its differences on screen, seat-time waivers; and the API's list."""

import datetime
import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrollments.models import Course, SchoolEnrollment, SchoolYear, Section, SectionStudent, Term
from pathways.models import SeatTimeWaiver
from people.models import User
from tests import build_learning as build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_learning")]
DAY = datetime.timedelta(1)


def as_user(user):
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


def text(answer):
    return answer.content.decode()


class Ground:
    """A school in a term of today with one class of two, a third student at the school, and a school of another district."""

    def __init__(self):
        self.today = timezone.localdate()
        year = SchoolYear.objects.create(code="NOW", starts_on=self.today - 100 * DAY, ends_on=self.today + 100 * DAY)
        self.term = Term.objects.create(school_year=year, code="all", starts_on=self.today - 100 * DAY, ends_on=self.today + 100 * DAY)
        self.inside = [build.student(name=name) for name in ("Ana", "Bo")]
        self.section = build.section(self.inside, build.teacher(name="Teo"), school_code="NORTH")
        Section.objects.filter(pk=self.section.pk).update(term=self.term)
        self.outside = build.student(self.section.school, name="Cy")
        self.stranger = build.student(build.school("SOUTH", "D9"), name="Dee")
        self.administrator = build.administrator(self.section.school)
        self.district = build.administrator(self.section.school.district)
        self.client = as_user(self.administrator)
        self.people = f"/classes/{self.section.uuid}/people/"

    def join(self, student, starts_on=None, **fields):
        return self.client.post(
            f"{self.people}join/", {"student": student.uuid, "starts_on": starts_on or self.today, **fields}, follow=True
        )

    def leave(self, student, ends_on):
        row = SectionStudent.objects.get(section=self.section, student=student)
        sent = {"student": student.uuid, "starts_on": row.starts_on.isoformat(), "ends_on": ends_on}
        return self.client.post(f"{self.people}leave/", sent, follow=True)


@pytest.fixture
def ground():
    return Ground()


def test_a_school_lists_its_classes_with_how_many_are_in_them(ground):
    for client in (ground.client, as_user(ground.district)):
        assert "School NORTH" in text(client.get("/schools/"))
        page = client.get(f"/schools/{ground.section.school.uuid}/")
        assert [(one.title, one.students_today, one.educators_today) for one in page.context["classes"]] == [
            (ground.section.title, 2, 1)
        ]
    stranger = as_user(build.administrator(build.school("SOUTH", "D9")))
    assert "School NORTH" not in text(stranger.get("/schools/"))
    for page in (f"/schools/{ground.section.school.uuid}/", f"/schools/{ground.section.school.uuid}/waivers/", ground.people):
        assert stranger.get(page).status_code == 404
    for who in (build.teacher(), ground.inside[0], build.counsellor(ground.inside[0])):
        assert as_user(who).get("/schools/").status_code == 403
        assert as_user(who).get("/schools/roster/").status_code == 403
        assert as_user(who).get(ground.people).status_code == 404
    assert "This school has no class yet" in text(
        as_user(build.administrator(build.school("EMPTY"))).get(f"/schools/{build.school('EMPTY').uuid}/")
    )


def test_a_student_of_the_school_is_put_into_a_class_once(ground):
    assert "Cy is in the class." in text(ground.join(ground.outside, once="a"))
    ground.join(ground.outside, once="a")
    row = SectionStudent.objects.get(student=ground.outside)
    assert (row.starts_on, row.ends_on) == (ground.today, ground.term.ends_on + DAY)
    assert ground.join(ground.outside, once="b").status_code == 422


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"student": ""}, "Choose a student."),
        ({"starts_on": "soon"}, "Give the day as a date."),
        ({"starts_on": "1999-01-01"}, "The term lasts from"),
        ({"ends_on": "1999-01-01"}, "The first day without the class lies after"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(ground, fields, said):
    sent = {"student": str(ground.outside.uuid), "starts_on": ground.today.isoformat()} | fields
    answer = ground.client.post(f"{ground.people}join/", sent)
    assert answer.status_code == 422
    assert said in text(answer)
    if sent["student"]:
        assert f'value="{ground.outside.uuid}" selected' in text(answer)
    assert not SectionStudent.objects.filter(student=ground.outside).exists()


@pytest.mark.parametrize(("first", "last", "prefilled"), [(-9, 9, 0), (-9, -2, -2), (3, 9, 3)])
def test_the_first_day_is_prefilled_within_the_term_and_the_form_stands_above_the_rows(ground, first, last, prefilled):
    Term.objects.filter(pk=ground.term.pk).update(starts_on=ground.today + first * DAY, ends_on=ground.today + last * DAY)
    page = text(ground.client.get(ground.people))
    assert f'name="starts_on" value="{ground.today + prefilled * DAY}" class="usa-input"' in page
    assert page.index("Put a student into the class") < page.index("Students and their days in the class")


def test_class_2_stands_before_class_10(ground):
    for number in (10, 2, 1):
        section = build.section([], build.teacher(), school_code="NORTH")
        Section.objects.filter(pk=section.pk).update(term=ground.term, title=f"Algebra {number}")
    page = ground.client.get(f"/schools/{ground.section.school.uuid}/")
    listed = [one.title for one in page.context["classes"] if one.title.startswith("Algebra")]
    assert listed == ["Algebra 1", "Algebra 2", "Algebra 10"]


def test_nobody_of_another_school_is_put_into_a_class_and_no_class_of_another_school_is_changed(ground):
    assert ground.join(ground.stranger).status_code == 422
    SchoolEnrollment.objects.filter(student=ground.outside).update(ends_on=ground.today + 5 * DAY)
    assert "the student is not at School NORTH" in text(ground.join(ground.outside, ground.today + 10 * DAY))
    stranger = as_user(build.administrator(build.school("SOUTH", "D9")))
    sent = {"student": ground.outside.uuid, "starts_on": ground.today}
    for deed in ("join/", "leave/"):
        assert stranger.post(ground.people + deed, sent).status_code == 404
    assert not SectionStudent.objects.filter(student__in=[ground.stranger, ground.outside]).exists()


def test_a_student_leaves_a_class_to_the_day_and_stays_on_record(ground):
    ana = ground.inside[0]
    assert "Give the first day without the class as a date." in text(ground.leave(ana, "soon"))
    assert "Give a day from" in text(ground.leave(ana, "1999-01-01"))
    assert "Ana leaves the class." in text(ground.leave(ana, ground.today + 2 * DAY))
    assert "Ana has left the class." in text(ground.leave(ana, ground.today))
    assert "stand so already" in text(ground.leave(ana, ground.today))
    assert SectionStudent.objects.get(student=ana).ends_on == ground.today
    assert "has left" in text(ground.client.get(ground.people))
    teacher = as_user(ground.section.educators.get().educator)
    assert teacher.get(f"/students/{ana.uuid}/plan/").status_code == 404, "who has left is out of the teacher's reach"
    assert "Ana is in the class." in text(ground.join(ana)), "and may come again"


def roster(*lines):
    header = "school_code,section_code,course_code,school_year,term,role,username,full_name,grade"
    return "\n".join([header, *lines]).encode() + b"\n"


def send(client, content, what="look", **fields):
    file = SimpleUploadedFile("roster.csv", content)
    return client.post("/schools/roster/", {"file": file, "catalogue": "school", "what": what, **fields}, follow=True)


def test_a_roster_is_looked_at_and_then_taken_as_looked_at(ground):
    code = Course.objects.get(pk=ground.section.course_id).code
    content = roster(
        f"NORTH,{ground.section.code},{code},NOW,all,student,newcomer,New Comer,8",
        f"NORTH,{ground.section.code},NOPE,NOW,all,student,other,Other,8",
        f"SOUTH,{ground.section.code},{code},NOW,all,student,third,Third,8",
        f"NORTH,{ground.section.code},{code},NOW,all,student,{ground.stranger.username},Renamed,8",
    )
    shown = send(ground.client, content)
    assert [(one.row, one.field) for one in shown.context["refused"]] == [(3, "course_code"), (4, "school_code"), (5, "username")]
    assert "belongs to none of your schools" in text(shown)
    assert not User.objects.filter(username="newcomer").exists()
    assert send(ground.client, content, "take").status_code == 422, "nobody has looked"
    assert not User.objects.filter(username="newcomer").exists()
    mark = shown.context["mark"]
    taken = send(ground.client, content, "take", looked_at=mark)
    assert taken.redirect_chain == [("/schools/", 302)]
    assert "The roster is taken in: " in text(taken)
    assert SectionStudent.objects.get(student__username="newcomer").section == ground.section
    assert not SectionStudent.objects.filter(student=ground.stranger).exists()
    assert User.objects.get(pk=ground.stranger.pk).full_name == "Dee"
    assert "would change nothing" in text(send(ground.client, content))
    assert "has changed since you looked" in text(send(ground.client, content, "take", looked_at=mark))
    lines = text(send(ground.client, content, "list")).splitlines()
    assert lines[0] == "\ufeffwhat,line,whom or what,field,before,after"
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "header lacks"),
        (roster(), "no line below it"),
        (b"\x1f\x8b broken", "damaged or truncated"),
        (b"a,b\n1,2\n", "lacks school_code"),
        (gzip.compress(bytes(200 * 1024 * 1024), 1), "more than 100 MB unpacked"),
    ],
    ids=["empty", "no line", "damaged", "another table", "a bomb"],
)
def test_a_file_that_is_no_roster_is_refused_in_words(ground, content, said):
    answer = send(ground.client, content)
    assert answer.status_code == 422
    assert said in text(answer)


def test_a_waiver_is_recorded_by_the_district_and_read_by_the_school(ground):
    address = f"/schools/{ground.section.school.uuid}/waivers/"
    office = as_user(ground.district)
    refused = office.post(address, {"starts_on": "2026-01-01", "ends_on": "2025-01-01", "authority": "Statute 1"})
    assert refused.status_code == 422
    assert "A waiver ends after it starts" in text(refused)
    assert "Statute 1" in text(refused)
    assert "Name the authority" in text(office.post(address, {"starts_on": "2026-01-01", "ends_on": "2027-01-01"}))
    sent = {"starts_on": ground.today, "ends_on": ground.today + 9 * DAY, "authority": "Board, 3 May", "once": "a"}
    assert "The waiver is recorded." in text(office.post(address, sent, follow=True))
    office.post(address, sent)
    assert SeatTimeWaiver.objects.count() == 1
    page = text(ground.client.get(address))
    assert "Board, 3 May" in page
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]
    assert ground.client.post(address, sent).status_code == 404
    past = {"starts_on": "2020-01-01", "ends_on": "2021-01-01", "authority": "Board, 2019"}
    assert "<h2>Past</h2>" in text(office.post(address, past, follow=True))


def test_the_api_lists_the_schools_in_reach_so_that_waivers_are_found(ground):
    def listed(who):
        return [(one["code"], one["administers"]) for one in as_user(who).get("/api/v1/schools").json()["results"]]

    other = build.school("NORTH-2")
    assert listed(ground.administrator) == [("NORTH", True)]
    assert ("NORTH", True) in listed(ground.district)
    assert (other.code, True) in listed(ground.district)
    assert "SOUTH" not in {code for code, _ in listed(ground.district)}
    near = [ground.inside[0], build.counsellor(ground.inside[0]), build.guardian(ground.inside[0]), build.teacher()]
    build.section([ground.inside[0]], near[3], school_code="NORTH")
    assert [listed(who) for who in near] == [[("NORTH", False)]] * 4
    assert listed(build.counsellor(ground.stranger)) == [("SOUTH", False)]
    assert listed(build.teacher()) == []
    assert as_user(build.person("auditor")).get("/api/v1/schools").status_code == 403
    key = as_user(near[1]).get("/api/v1/schools").json()["results"][0]["uuid"]
    assert as_user(near[1]).get(f"/api/v1/schools/{key}/waivers").json() == {"results": []}


def test_the_pages_of_a_class_of_500_cost_as_many_queries_as_those_of_2(ground):
    pages = (ground.people, f"/schools/{ground.section.school.uuid}/")

    def asked():
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                answer = ground.client.get(page)
            found.append(len(queries))
            print(f"{page}: {len(queries)} queries, {len(answer.content)} bytes")
        return found

    ground.client.get("/schools/")
    few = asked()
    made = User.objects.bulk_create(User(username=f"many-{number}", full_name=f"Many {number:03}") for number in range(498))
    start = ground.today - 10 * DAY
    SchoolEnrollment.objects.bulk_create(
        SchoolEnrollment(student=one, school=ground.section.school, grade=8, starts_on=start) for one in made
    )
    SectionStudent.objects.bulk_create(SectionStudent(student=one, section=ground.section, starts_on=start) for one in made)
    assert asked() == few
    assert len(ground.client.get(ground.people).context["page"].object_list) == 50
