"""Bring a roster: who is in which class, with which grade, from when until when. The same file again changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from database.areas import acting_as
from enrollments.actions import roster_sql as sql
from enrollments.actions.give_class_secrets import new_code, new_salt
from enrollments.calc.completion_rows import Refusal
from enrollments.calc.roster_rows import RosterRow
from enrollments.models import Course
from people.actions.add_missing import add_missing_organizations, add_missing_roles, add_missing_students
from people.actions.rename_people import rename_people

# Of those who are in classes today, the part that a file may leave out before it looks like half a file.
MISSING_PARTS = 10


class RosterRefused(ValueError):
    """The roster as a whole cannot be taken; nothing was kept."""


@dataclass(frozen=True, slots=True)
class RosterChange:
    """One difference between the file and what was on file. `line` is 0 for somebody whom the file does not name."""

    what: str
    line: int
    words: str
    old: str
    new: str


@dataclass
class RosterDone:
    """`counts` by kind of change, and `refused`; where all but `lines` are 0 the file changed nothing."""

    counts: dict[str, int] = field(default_factory=dict)


def import_roster(
    *,
    rows: Iterable[RosterRow | Refusal],
    catalogue: str,
    today: date,
    on_change: Callable[[RosterChange], None],
    on_refusal: Callable[[Refusal], None],
    add_missing: bool = False,
    end_missing: bool = False,
    many_may_end: bool = False,
    dry_run: bool = False,
) -> RosterDone:
    """Take `rows`; courses are those of `catalogue`. Bad rows are told and cost no good one; everything in one transaction.

    `add_missing` adds schools and courses that are not on file; `end_missing` takes the file as whole for its schools and terms
    and ends, as of `today`, whoever it leaves out: RosterRefused where that is more than one in MISSING_PARTS, unless
    `many_may_end`. RosterRefused also where there is no line, or no course of `catalogue` while others have some and
    `add_missing` does not ask for a further one.
    """
    done = RosterDone()

    def tell(what: str, changes: Iterable[tuple[int, str, str, str]]) -> None:
        done.counts[what] = done.counts.get(what, 0)
        for line, words, old, new in changes:
            done.counts[what] += 1
            on_change(RosterChange(what, line, words, old, new))

    with acting_as("area_learning"), transaction.atomic(), connection.cursor() as cursor:
        values = {"catalogue": catalogue, "today": today}
        done.counts["lines"] = _stage(cursor, rows)
        if not done.counts["lines"]:
            raise RosterRefused("The file has a header and no line below it; give one line a person and class. Nothing was changed.")
        _know_catalogue(catalogue, add_missing, tell)
        if add_missing:
            _add_schools_and_courses(cursor, values, tell)
        _judge(cursor, values)
        _write_people(cursor, tell)
        _write_classes(cursor, tell)
        _write_memberships(cursor, values, tell)
        if end_missing:
            _end_missing(cursor, values, tell, many_may_end)
        cursor.execute(sql.READ_REFUSED)
        refused = [Refusal(line, named, reason, detail, username) for line, username, named, reason, detail in cursor.fetchall()]
        transaction.set_rollback(dry_run)
    done.counts["refused"] = len(refused)
    for refusal in refused:
        on_refusal(refusal)
    return done


Tell = Callable[[str, Iterable[tuple[int, str, str, str]]], None]


def _stage(cursor: CursorWrapper, rows: Iterable[RosterRow | Refusal]) -> int:
    cursor.execute(sql.MAKE_STAGE)
    count = 0
    with cursor.copy(sql.COPY_STAGE) as copy:
        for row in rows:
            count += 1
            if isinstance(row, RosterRow):
                copy.write_row((*row, None, None, None))
            else:
                copy.write_row((row.row, *[None] * 6, row.source_id, *[None] * 5, row.field, row.reason, row.detail))
    cursor.execute("CREATE INDEX ON roster_stage (line); CREATE INDEX ON roster_stage (username); ANALYZE roster_stage")
    return count


def _know_catalogue(catalogue: str, add_missing: bool, tell: Tell) -> None:
    """A mistyped catalogue would be named in each line as an unknown course, or quietly become a list of its own."""
    known = list(Course.objects.order_by("catalogue").values_list("catalogue", flat=True).distinct())
    if not known or catalogue in known:
        return
    if not add_missing:
        raise RosterRefused(f"There is no catalogue {catalogue}; there are {', '.join(known)}. Nothing was changed.")
    tell("catalogues_added", [(0, f"catalogue {catalogue}", "", f"{catalogue} (beside {', '.join(known)})")])


def _add_schools_and_courses(cursor: CursorWrapper, values: dict[str, Any], tell: Tell) -> None:
    cursor.execute(
        "SELECT school, min(line) FROM roster_stage r WHERE reason IS NULL AND NOT EXISTS (SELECT FROM people_organization o "
        "WHERE o.kind = 'school' AND o.code = r.school) GROUP BY school ORDER BY school"
    )
    schools = cursor.fetchall()
    add_missing_organizations(kind="school", names={code: code for code, _ in schools})
    tell("schools_added", [(line, f"school {code}", "", code) for code, line in schools])
    cursor.execute(sql.ADD_COURSES, values)
    tell("courses_added", [(0, f"course {code}", "", code) for (code,) in cursor.fetchall()])


def _judge(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Find what the rows name, and refuse those that do not fit each other or what is on file."""
    cursor.execute(sql.RESOLVE, values)
    for statement in sql.UNKNOWN:
        cursor.execute(statement, values)
    cursor.execute(sql.RESOLVE_SECTIONS)
    cursor.execute("CREATE INDEX ON roster_stage (school_id, term_id, section, username); ANALYZE roster_stage")
    cursor.execute(sql.DROP_REPEATS)
    for statement in sql.REFUSALS:
        cursor.execute(statement, values)


def _write_people(cursor: CursorWrapper, tell: Tell) -> None:
    cursor.execute(sql.NEW_PEOPLE)
    new = cursor.fetchall()
    add_missing_students(usernames=[name for name, _, _ in new], names={name: full_name for name, full_name, _ in new})
    cursor.execute(sql.RESOLVE_PEOPLE)
    tell("people_added", [(line, name, "", full_name) for name, full_name, line in new])
    cursor.execute(sql.NEW_NAMES)
    renamed = cursor.fetchall()
    rename_people(names={person: now for person, _, now, _, _ in renamed})
    tell("names_changed", [(line, username, former, now) for _, former, now, line, username in renamed])
    for kind in ("student", "teacher"):
        cursor.execute(sql.ROLES, {"students": kind == "student"})
        add_missing_roles(kind=kind, holders=cursor.fetchall())


def _write_classes(cursor: CursorWrapper, tell: Tell) -> None:
    cursor.execute(sql.NEW_SECTIONS)
    new = cursor.fetchall()
    cursor.executemany(
        sql.ADD_SECTION,
        [(school, term, code, course, title, new_code(), new_salt()) for school, term, code, course, title, _, _ in new],
    )
    cursor.execute(sql.RESOLVE_SECTIONS)
    tell("classes_added", [(line, f"class {code} at {school}", "", title) for _, _, code, _, title, line, school in new])
    cursor.execute(sql.CHANGE_TITLES)
    tell("titles_changed", cursor.fetchall())


def _write_memberships(cursor: CursorWrapper, values: dict[str, Any], tell: Tell) -> None:
    cursor.execute(sql.GRADES_TO_CHANGE, values)
    tell("grades_changed", cursor.fetchall())
    cursor.execute(sql.CHANGE_GRADES, values)
    cursor.execute(sql.JOIN_SCHOOLS, values)
    for (table, person), students in ((sql.STUDENTS, True), (sql.EDUCATORS, False)):
        cursor.execute(sql.change_ends(table, person, students))
        tell("ends_changed", cursor.fetchall())
    cursor.execute(sql.TO_JOIN)
    tell("joined", cursor.fetchall())
    cursor.execute(sql.JOIN_CLASSES)
    cursor.execute(sql.TEACH_CLASSES)


def _end_missing(cursor: CursorWrapper, values: dict[str, Any], tell: Tell, many_may_end: bool) -> None:
    cursor.execute("SELECT min(line) FROM roster_stage WHERE reason IS NOT NULL AND username IS NULL")
    if (line := cursor.fetchone()[0]) is not None:
        raise RosterRefused(f"Line {line} cannot be read, so nobody can be told to be missing; mend it, or leave out --end-missing.")
    gone = everyone = 0
    for table, person in (sql.STUDENTS, sql.EDUCATORS):
        cursor.execute(f"SELECT count(*) {sql.missing(table, person)}", values)
        gone += cursor.fetchone()[0]
        cursor.execute(f"SELECT count(*) {sql.living(table, person)}", values)
        everyone += cursor.fetchone()[0]
    if gone * MISSING_PARTS > everyone and not many_may_end:
        raise RosterRefused(
            f"The file leaves out {gone} of the {everyone} who are in classes of its schools and terms today, more than one in "
            f"{MISSING_PARTS}; if it is the whole roster all the same, add --yes."
        )
    for table, person in (sql.STUDENTS, sql.EDUCATORS):
        cursor.execute(sql.end(table, person), values)
        tell("ended", cursor.fetchall())
