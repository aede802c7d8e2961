"""The roster: one file says who is in which class; again, it changes nothing; bad lines cost no good one."""

import csv
import datetime
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enrollments.actions.import_roster import RosterRefused, import_roster
from enrollments.actions.open_school_year import SchoolYearRefused, open_school_year
from enrollments.exchange.roster_file import read_roster
from enrollments.models import SchoolEnrollment, Section, SectionEducator, SectionStudent
from people.access import NotInReach, student_in_reach, students_in_reach
from people.models import Role, User

pytestmark = pytest.mark.django_db
HEADER = [
    "school_code",
    "section_code",
    "section_title",
    "course_code",
    "school_year",
    "term",
    "role",
    "username",
    "full_name",
    "grade",
    "starts_on",
    "ends_on",
]
FALL = (datetime.date(2026, 8, 15), datetime.date(2026, 12, 20))
TODAY = datetime.date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _school_year():
    open_school_year(code="2026-27", starts_on=FALL[0], ends_on=datetime.date(2027, 6, 15), terms={"fall": FALL})


def line(username, role="student", section="M8-1", **cells):
    usual = {
        "school_code": "North",
        "section_code": section,
        "section_title": f"Mathematics {section}",
        "course_code": "MATH8",
        "school_year": "2026-27",
        "term": "fall",
        "role": role,
        "username": username,
        "full_name": username.title(),
        "grade": "8" if role == "student" else "",
    }
    return {**usual, **cells}


CLASS = [line("ann"), line("ben"), line("cem"), line("tess", "teacher")]


def bring(tmp_path, lines, today=TODAY, **options):
    file = tmp_path / "roster.csv"
    with file.open("w", newline="") as out:
        rows = csv.DictWriter(out, HEADER, restval="")
        rows.writeheader()
        rows.writerows(lines)
    changes, refused = [], []
    done = import_roster(
        rows=read_roster(file),
        today=today,
        on_change=changes.append,
        on_refusal=refused.append,
        **{"catalogue": "school", "add_missing": True, **options},
    )
    return {name: count for name, count in done.counts.items() if count}, changes, refused


def people_of(section="M8-1", day=TODAY):
    alive = {"starts_on__lte": day, "ends_on__gt": day, "section__code": section}
    students = SectionStudent.objects.filter(**alive).values_list("student__username", flat=True)
    return set(students) | set(SectionEducator.objects.filter(**alive).values_list("educator__username", flat=True))


def test_a_file_makes_classes_with_their_people_and_the_same_file_changes_nothing(tmp_path):
    counts, _, refused = bring(tmp_path, CLASS)
    assert counts == {"lines": 4, "schools_added": 1, "courses_added": 1, "people_added": 4, "classes_added": 1, "joined": 4}
    assert refused == []
    assert people_of() == {"ann", "ben", "cem", "tess"}
    membership = SectionStudent.objects.get(student__username="ann")
    assert (membership.starts_on, membership.ends_on) == (FALL[0], FALL[1] + datetime.timedelta(days=1))
    assert SchoolEnrollment.objects.get(student__username="ann").grade == 8
    assert set(Role.objects.values_list("user__username", "kind")) >= {("ann", "student"), ("tess", "teacher")}
    assert not User.objects.get(username="ann").has_usable_password()
    assert bring(tmp_path, CLASS)[0] == {"lines": 4}
    assert bring(tmp_path, CLASS, end_missing=True)[0] == {"lines": 4}


def test_a_dry_run_shows_every_difference_and_keeps_none(tmp_path):
    bring(tmp_path, CLASS)
    edited = [line("ann", grade="9", full_name="Anna"), *CLASS[1:], line("dora")]
    shown = bring(tmp_path, edited, dry_run=True)
    assert shown[0] == {"lines": 5, "people_added": 1, "names_changed": 1, "grades_changed": 1, "joined": 1}
    assert {(c.what, c.words, c.old, c.new) for c in shown[1]} >= {
        ("names_changed", "ann", "Ann", "Anna"),
        ("grades_changed", "ann", "8", "9"),
    }
    assert people_of() == {"ann", "ben", "cem", "tess"}
    assert bring(tmp_path, edited)[0] == shown[0]
    grades = SchoolEnrollment.objects.filter(student__username="ann").order_by("starts_on")
    assert list(grades.values_list("grade", "ends_on")) == [(8, TODAY), (9, None)]
    assert bring(tmp_path, edited)[0] == {"lines": 5}


def test_a_changed_end_or_title_is_taken(tmp_path):
    bring(tmp_path, CLASS)
    counts, changes, _ = bring(tmp_path, [line("ann", ends_on="2026-10-15", section_title="Algebra")])
    assert counts == {"lines": 1, "titles_changed": 1, "ends_changed": 1}
    assert [(c.old, c.new) for c in changes] == [("Mathematics M8-1", "Algebra"), ("2026-12-21", "2026-10-15")]


BAD = [
    (line("", full_name="Nobody"), "username", "missing"),
    (line("ann", role="principal"), "role", "not_allowed"),
    (line("ann", grade="13"), "grade", "not_allowed"),
    (line("sub", "substitute"), "ends_on", "missing"),
    (line("ann", starts_on="2026-02-30"), "starts_on", "not_a_date"),
    (line("ann", starts_on="2026-09-02", ends_on="2026-09-01"), "ends_on", "ends_before_start"),
    (line("eve", starts_on="2027-09-02"), "starts_on", "outside_term"),
    (line("eve", starts_on="2026-08-14"), "starts_on", "outside_term"),
    (line("eve", ends_on="2026-12-22"), "ends_on", "outside_term"),
    (line("eve", ends_on="2026-08-15"), "ends_on", "outside_term"),
    (line("auditor", "teacher"), "username", "not_allowed"),
    (line("ann", term="spring"), "term", "unknown_term"),
    (line("=cmd", full_name="x"), "username", "formula"),
    (line("ann", full_name="Another"), "full_name", "changed"),
    (line("ben", section="M8-2", grade="7"), "grade", "changed"),
    (line("eve", section_title="Another"), "section_title", "changed"),
    (line("eve", course_code="ART"), "course_code", "changed"),
    (line("ben", ends_on="2026-11-01"), "username", "duplicate_id"),
    (line("tess", grade=""), "username", "duplicate_id"),
    (line("new", grade="", section="M8-2"), "grade", "missing"),
    (line("officer"), "username", "not_allowed"),
]


@pytest.mark.parametrize(("bad", "field", "reason"), BAD, ids=[f"{field}-{reason}-{n}" for n, (_, field, reason) in enumerate(BAD)])
def test_a_bad_line_is_named_with_the_way_out_and_costs_no_good_one(tmp_path, bad, field, reason):
    User.objects.create_user("officer", works_in_office=True)
    Role.objects.create(user=User.objects.create_user("auditor"), kind="auditor", starts_on=FALL[0])
    counts, _, refused = bring(tmp_path, [*CLASS, bad, line("last")])
    assert [(one.row, one.field, one.reason) for one in refused] == [(6, field, reason)]
    assert refused[0].detail.endswith(".")
    assert people_of() == {"ann", "ben", "cem", "tess", "last"}
    assert counts["joined"] == 5


def test_schools_and_courses_are_added_only_on_request(tmp_path):
    counts, _, refused = bring(tmp_path, CLASS, add_missing=False)
    assert counts == {"lines": 4, "refused": 4}
    assert {one.reason for one in refused} == {"unknown_school"}
    bring(tmp_path, CLASS)
    assert {one.reason for one in bring(tmp_path, [line("ann", course_code="ART")], add_missing=False)[2]} == {"unknown_course"}


def test_an_unknown_catalogue_is_named_with_the_known_ones(tmp_path):
    bring(tmp_path, CLASS)
    with pytest.raises(RosterRefused, match="no catalogue shcool; there are school"):
        bring(tmp_path, CLASS, add_missing=False, catalogue="shcool")
    assert bring(tmp_path, [line("ann", section="A-1")], catalogue="arts")[0]["catalogues_added"] == 1


def test_an_empty_roster_says_so(tmp_path):
    with pytest.raises(RosterRefused, match="no line below"):
        bring(tmp_path, [])


def test_a_term_is_given_once():
    with pytest.raises(CommandError, match="fall is given twice"):
        call_command("open_school_year", "Y", "2026-08-15", "2027-06-15", "fall:2026-08-15:2026-10-01", "fall:2026-10-02:2026-12-01")


def test_no_token_opens_a_learning_record_to_who_handles_money():
    auditor = User.objects.create_user("auditor")
    held = Role.objects.create(user=auditor, kind="auditor", starts_on=FALL[0])
    with pytest.raises(CommandError, match="role auditor"):
        call_command("issue_personal_token", "auditor", "--scopes", "frameworks.read", "record.read", stdout=StringIO())
    call_command("issue_personal_token", "auditor", "--scopes", "frameworks.read", stdout=StringIO())
    Role.objects.filter(pk=held.pk).update(starts_on=datetime.date(2020, 1, 1), ends_on=datetime.date(2020, 2, 1))
    call_command("issue_personal_token", "auditor", "--scopes", "record.read", stdout=StringIO())


def test_a_class_on_file_keeps_its_course_and_a_person_is_in_it_once(tmp_path):
    bring(tmp_path, CLASS)
    assert [one.reason for one in bring(tmp_path, [line("ann", course_code="ART")])[2]] == ["changed"]
    assert [one.field for one in bring(tmp_path, [line("ann", starts_on="2026-09-01")])[2]] == ["starts_on"]
    assert [one.field for one in bring(tmp_path, [line("tess", "co_teacher")])[2]] == ["starts_on"]


def test_who_vanished_is_ended_only_on_request_and_not_too_many_at_once(tmp_path):
    many = [line(f"s{number}") for number in range(20)]
    bring(tmp_path, many)
    assert bring(tmp_path, many[1:])[0] == {"lines": 19}
    assert bring(tmp_path, many[1:], end_missing=True)[0] == {"lines": 19, "ended": 1}
    assert "s0" not in people_of()
    with pytest.raises(RosterRefused, match="leaves out 3 of the 19"):
        bring(tmp_path, many[4:], end_missing=True)
    assert len(people_of()) == 19
    assert bring(tmp_path, many[4:], end_missing=True, many_may_end=True)[0]["ended"] == 3
    assert bring(tmp_path, many[4:], end_missing=True)[0] == {"lines": 16}


def test_a_refused_line_ends_nobody(tmp_path):
    bring(tmp_path, CLASS)
    counts, _, _ = bring(tmp_path, [*CLASS[1:], line("ann", grade="99")], end_missing=True)
    assert counts == {"lines": 4, "refused": 1}
    with pytest.raises(RosterRefused, match="Line 5 cannot be read"):
        bring(tmp_path, [*CLASS[1:], line("")], end_missing=True)


def test_a_school_year_holds_its_terms_and_is_opened_once():
    with pytest.raises(SchoolYearRefused, match="on file from"):
        open_school_year(code="2026-27", starts_on=FALL[0], ends_on=FALL[1], terms={})
    with pytest.raises(SchoolYearRefused, match="does not lie within"):
        open_school_year(code="Y", starts_on=FALL[0], ends_on=FALL[1], terms={"late": (FALL[0], datetime.date(2027, 1, 1))})


def reach_of(username, day):
    return {one.name for one in students_in_reach(actor_id=User.objects.get(username=username).pk, day=day)}


def test_access_begins_and_ends_with_the_class_to_the_day(tmp_path):
    other = [line("zoe", section="M8-2"), line("tom", "teacher", section="M8-2")]
    bring(tmp_path, [*CLASS, *other, line("sub", "substitute", starts_on="2026-10-05", ends_on="2026-10-08")])
    day = datetime.date(2026, 10, 1)
    assert reach_of("tess", day) == {"Ann", "Ben", "Cem"}
    assert reach_of("tom", day) == {"Zoe"}
    assert [len(reach_of("sub", datetime.date(2026, 10, number))) for number in (4, 5, 7, 8)] == [0, 3, 3, 0]
    assert reach_of("tess", FALL[1]) == {"Ann", "Ben", "Cem"}
    assert reach_of("tess", FALL[1] + datetime.timedelta(days=1)) == set()
    zoe, tess = User.objects.get(username="zoe"), User.objects.get(username="tess")
    with pytest.raises(NotInReach):
        student_in_reach(actor_id=tess.pk, student=zoe.uuid, day=day)
    bring(tmp_path, [line("ann", ends_on="2026-10-03")])
    assert reach_of("tess", datetime.date(2026, 10, 2)) == {"Ann", "Ben", "Cem"}
    assert reach_of("tess", datetime.date(2026, 10, 3)) == {"Ben", "Cem"}


def test_the_command_counts_and_tells(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_text(",".join(HEADER) + "\nNorth,M8-1,Maths,MATH8,2026-27,fall,student,ann,Ann,8,,\nNorth,M8-1\n")
    out, err = StringIO(), StringIO()
    call_command("import_roster", file, "--json", "--add-missing", "--today", "2026-10-01", stdout=out, stderr=err)
    assert json.loads(out.getvalue()) | {"dry_run": False, "joined": 1, "refused": 1, "lines": 2} == json.loads(out.getvalue())
    assert "line 3: refused (columns)" in err.getvalue()
    assert Section.objects.get().sign_in_code
    file.write_text("a,b\n")
    with pytest.raises(CommandError, match="lacks school_code"):
        call_command("import_roster", file)


def test_five_hundred_students_come_in_within_seconds(tmp_path):
    lines = [line(f"s{number}", section=f"C{section}") for number in range(500) for section in range(6)]
    started = datetime.datetime.now()
    assert bring(tmp_path, lines)[0]["joined"] == 3000
    assert bring(tmp_path, lines)[0] == {"lines": 3000}
    assert (datetime.datetime.now() - started).total_seconds() < 10
