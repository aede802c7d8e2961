"""The statements of a roster's import, in the order in which `import_roster` runs them. Set by set; run as area_learning.

Rows lie in roster_stage. A statement of REFUSALS marks rows with (field, reason, detail); what is marked is written nowhere.
"""

MAKE_STAGE = """
DROP TABLE IF EXISTS pg_temp.roster_stage;
CREATE TEMPORARY TABLE roster_stage (
    line int, school text, section text, course text, school_year text, term text, role text, username text, title text,
    full_name text, grade smallint, starts_on date, ends_on date, field text, reason text, detail text,
    school_id bigint, term_id bigint, course_id bigint, section_id bigint, user_id bigint
) ON COMMIT DROP
"""
COPY_STAGE = (
    "COPY roster_stage (line, school, section, course, school_year, term, role, username, title, full_name, grade, starts_on, "
    "ends_on, field, reason, detail) FROM STDIN"
)

ADD_COURSES = """
INSERT INTO enrollments_course (catalogue, code, title)
SELECT %(catalogue)s, course, coalesce(min(nullif(title, '')), course) FROM roster_stage WHERE reason IS NULL
GROUP BY course ORDER BY course ON CONFLICT DO NOTHING RETURNING code
"""

RESOLVE = """
UPDATE roster_stage r SET
    school_id = (SELECT o.id FROM people_organization o WHERE o.kind = 'school' AND o.code = r.school),
    course_id = (SELECT c.id FROM enrollments_course c WHERE c.catalogue = %(catalogue)s AND c.code = r.course),
    user_id = (SELECT u.id FROM people_user u WHERE u.username = r.username),
    term_id = t.id,
    starts_on = coalesce(r.starts_on, t.starts_on),
    ends_on = coalesce(r.ends_on, t.ends_on + 1)
FROM roster_stage s LEFT JOIN enrollments_schoolyear y ON y.code = s.school_year
LEFT JOIN enrollments_term t ON t.school_year_id = y.id AND t.code = s.term
WHERE s.line = r.line AND r.reason IS NULL
"""
RESOLVE_SECTIONS = """
UPDATE roster_stage r SET section_id = s.id FROM enrollments_section s
WHERE (s.school_id, s.term_id, s.code) = (r.school_id, r.term_id, r.section) AND r.reason IS NULL
"""

# The same line twice is one line.
DROP_REPEATS = """
DELETE FROM roster_stage r USING roster_stage e WHERE e.line < r.line AND r.reason IS NULL AND e.reason IS NULL
AND (e.school, e.section, e.course, e.school_year, e.term, e.role, e.username, e.title, e.full_name, e.starts_on, e.ends_on)
  = (r.school, r.section, r.course, r.school_year, r.term, r.role, r.username, r.title, r.full_name, r.starts_on, r.ends_on)
AND e.grade IS NOT DISTINCT FROM r.grade
"""


def _mark(field: str, reason: str, detail: str, rest: str) -> str:
    return f"UPDATE roster_stage r SET field = '{field}', reason = '{reason}', detail = {detail} {rest} AND r.reason IS NULL"


def _differs(field: str, column: str, group: str, what: str, unsaid: str = "''") -> str:
    """The first line of a group that says `column` decides; a later one that says another thing is refused."""
    return _mark(
        field,
        "changed",
        f"'Line ' || f.line || ' gives {what} as ' || f.said || '; give the same in each line.'",
        f"FROM (SELECT DISTINCT ON ({group}) {group}, line, {column}::text AS said FROM roster_stage "
        f"WHERE reason IS NULL AND {column} IS NOT NULL AND {column}::text <> {unsaid} ORDER BY {group}, line) f "
        f"WHERE ({', '.join(f'f.{name}' for name in group.split(', '))}) = ({', '.join(f'r.{name}' for name in group.split(', '))}) "
        f"AND r.{column}::text <> {unsaid} AND r.{column}::text <> f.said",
    )


def _overlap(table: str, person: str, same_kind: str) -> str:
    """A membership on file that the line would double: others of the same days are on file, and no row is ever moved."""
    return _mark(
        "starts_on",
        "changed",
        "'On file is this class from ' || m.starts_on || coalesce(' to ' || m.ends_on, '') || ' in another way; "
        "give that starts_on and role, or a day from which it has ended.'",
        f"FROM {table} m WHERE m.section_id = r.section_id AND m.{person} = r.user_id "
        f"AND m.starts_on < r.ends_on AND (m.ends_on IS NULL OR m.ends_on > r.starts_on) "
        f"AND NOT (m.starts_on = r.starts_on AND {same_kind})",
    )


_TERM_DAYS = (
    "'The term ' || r.term || ' lasts from ' || t.starts_on || ' to ' || t.ends_on || '; give a day of it, or leave this empty for "
    "the term''s own (ends_on is the first day without the class).'"
)
UNKNOWN = (
    _mark(
        "school_code",
        "unknown_school",
        "'There is no school ' || r.school || '; add it, or import with --add-missing.'",
        "WHERE school_id IS NULL",
    ),
    _mark(
        "term",
        "unknown_term",
        "'There is no term ' || r.term || ' in a school year ' || r.school_year || '; open it with open_school_year.'",
        "WHERE term_id IS NULL",
    ),
    _mark(
        "course_code",
        "unknown_course",
        "'There is no course ' || r.course || ' in this catalogue; add it, or import with --add-missing.'",
        "WHERE course_id IS NULL",
    ),
    _mark("starts_on", "outside_term", _TERM_DAYS, "FROM enrollments_term t WHERE t.id = r.term_id AND NOT r.starts_on BETWEEN "
          "t.starts_on AND t.ends_on"),
    _mark("ends_on", "outside_term", _TERM_DAYS, "FROM enrollments_term t WHERE t.id = r.term_id AND NOT r.ends_on BETWEEN "
          "t.starts_on + 1 AND t.ends_on + 1"),
)  # fmt: skip
REFUSALS = (
    _mark(
        "username",
        "not_allowed",
        "'This account has the role ' || m.kind || ', and who handles money stands in no class; give the person a second account "
        "for classes.'",
        "FROM people_role m WHERE m.user_id = r.user_id AND m.kind IN ('finance_officer', 'payment_releaser', 'auditor')",
    ),
    _differs("section_title", "title", "school_id, term_id, section", "the title of this class"),
    _differs("course_code", "course", "school_id, term_id, section", "the course of this class"),
    _differs("full_name", "full_name", "username", "the name of this person"),
    _differs("grade", "grade", "username, school_id", "the grade of this student"),
    _mark(
        "username",
        "duplicate_id",
        "'Line ' || e.line || ' has this person in this class on the same days; keep one of the two.'",
        "FROM roster_stage e WHERE e.line < r.line AND e.reason IS NULL AND (e.school_id, e.term_id, e.section, e.username) "
        "= (r.school_id, r.term_id, r.section, r.username) AND e.starts_on < r.ends_on AND e.ends_on > r.starts_on",
    ),
    _mark(
        "course_code",
        "changed",
        "'On file this class is of the course ' || c.code || '; give another course its own section_code.'",
        "FROM enrollments_section s JOIN enrollments_course c ON c.id = s.course_id "
        "WHERE s.id = r.section_id AND s.course_id <> r.course_id",
    ),
    _mark(
        "username",
        "not_allowed",
        "'This account works in the office; give the student one of their own.'",
        "FROM people_user u WHERE u.id = r.user_id AND u.works_in_office AND r.role = 'student'",
    ),
    _mark(
        "grade",
        "missing",
        "'The student is new at this school; give PK, K or 1 to 12.'",
        "WHERE r.role = 'student' AND NOT EXISTS (SELECT FROM roster_stage g WHERE g.username = r.username "
        "AND g.school_id = r.school_id AND g.grade IS NOT NULL AND g.reason IS NULL) "
        "AND NOT EXISTS (SELECT FROM enrollments_schoolenrollment e WHERE e.student_id = r.user_id AND e.school_id = r.school_id "
        "AND (e.ends_on IS NULL OR e.ends_on > %(today)s))",
    ),
    _overlap("enrollments_sectionstudent", "student_id", "r.role = 'student'"),
    _overlap("enrollments_sectioneducator", "educator_id", "m.kind = r.role"),
)

NEW_PEOPLE = """
SELECT username, coalesce(min(nullif(full_name, '')), ''), min(line) FROM roster_stage WHERE reason IS NULL AND user_id IS NULL
GROUP BY username ORDER BY username
"""
RESOLVE_PEOPLE = "UPDATE roster_stage r SET user_id = u.id FROM people_user u WHERE u.username = r.username AND r.user_id IS NULL"
NEW_NAMES = """
SELECT u.id, u.full_name, min(r.full_name), min(r.line), u.username FROM roster_stage r JOIN people_user u ON u.id = r.user_id
WHERE r.reason IS NULL AND r.full_name <> '' AND r.full_name <> u.full_name GROUP BY u.id ORDER BY 4
"""
ROLES = """
SELECT DISTINCT user_id, school_id, min(starts_on) OVER (PARTITION BY user_id, school_id) FROM roster_stage
WHERE reason IS NULL AND (role = 'student') = %(students)s
"""

NEW_SECTIONS = """
SELECT school_id, term_id, section, min(course_id), coalesce(min(nullif(title, '')), section), min(line), min(school)
FROM roster_stage WHERE reason IS NULL AND section_id IS NULL GROUP BY 1, 2, 3 ORDER BY 6
"""
ADD_SECTION = """
INSERT INTO enrollments_section (uuid, school_id, term_id, code, course_id, title, sign_in_code, sign_in_salt)
VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)
"""
# Answers (line, words, old, new) of each change, as do all that follow.
CHANGE_TITLES = """
WITH said AS (SELECT section_id, min(line) AS line, min(title) AS title, min(section) AS code FROM roster_stage
              WHERE reason IS NULL AND title <> '' GROUP BY section_id),
     before AS (SELECT s.id, s.title FROM enrollments_section s JOIN said ON said.section_id = s.id)
UPDATE enrollments_section s SET title = said.title FROM said, before
WHERE s.id = said.section_id AND before.id = s.id AND s.title <> said.title
RETURNING said.line, 'class ' || said.code, before.title, said.title
"""
CHANGE_GRADES = """
WITH said AS (SELECT user_id, school_id, min(grade) AS grade, min(line) AS line, min(username) AS username FROM roster_stage
              WHERE reason IS NULL AND grade IS NOT NULL GROUP BY 1, 2),
     ended AS (UPDATE enrollments_schoolenrollment e SET ends_on = %(today)s FROM said
               WHERE (e.student_id, e.school_id) = (said.user_id, said.school_id) AND e.grade <> said.grade
               AND e.starts_on < %(today)s AND (e.ends_on IS NULL OR e.ends_on > %(today)s)
               RETURNING e.student_id, e.school_id, e.grade AS former)
INSERT INTO enrollments_schoolenrollment (student_id, school_id, grade, starts_on)
SELECT said.user_id, said.school_id, said.grade, %(today)s
FROM said JOIN ended ON (student_id, ended.school_id) = (user_id, said.school_id)
"""
GRADES_TO_CHANGE = """
SELECT min(r.line), min(r.username), min(e.grade)::text, min(r.grade)::text FROM roster_stage r
JOIN enrollments_schoolenrollment e ON (e.student_id, e.school_id) = (r.user_id, r.school_id)
WHERE r.reason IS NULL AND r.grade <> e.grade AND e.starts_on < %(today)s AND (e.ends_on IS NULL OR e.ends_on > %(today)s)
GROUP BY r.user_id, r.school_id ORDER BY 1
"""
JOIN_SCHOOLS = """
INSERT INTO enrollments_schoolenrollment (student_id, school_id, grade, starts_on)
SELECT r.user_id, r.school_id, max(r.grade), min(r.starts_on) FROM roster_stage r
WHERE r.reason IS NULL AND r.role = 'student' AND NOT EXISTS (
    SELECT FROM enrollments_schoolenrollment e WHERE (e.student_id, e.school_id) = (r.user_id, r.school_id)
    AND (e.ends_on IS NULL OR e.ends_on > %(today)s))
GROUP BY 1, 2 HAVING max(r.grade) IS NOT NULL ORDER BY 1, 2 ON CONFLICT DO NOTHING
"""
JOIN_CLASSES = """
INSERT INTO enrollments_sectionstudent (section_id, student_id, starts_on, ends_on)
SELECT section_id, user_id, starts_on, ends_on FROM roster_stage WHERE reason IS NULL AND role = 'student' ORDER BY line
ON CONFLICT DO NOTHING
"""
TEACH_CLASSES = """
INSERT INTO enrollments_sectioneducator (section_id, educator_id, kind, starts_on, ends_on)
SELECT section_id, user_id, role, starts_on, ends_on FROM roster_stage WHERE reason IS NULL AND role <> 'student' ORDER BY line
ON CONFLICT DO NOTHING
"""
TO_JOIN = """
SELECT r.line, r.role || ' ' || r.username || ' in ' || r.section, '', r.starts_on || ' to ' || r.ends_on FROM roster_stage r
WHERE r.reason IS NULL
AND NOT EXISTS (SELECT FROM enrollments_sectionstudent m WHERE r.role = 'student'
                AND (m.section_id, m.student_id, m.starts_on) = (r.section_id, r.user_id, r.starts_on))
AND NOT EXISTS (SELECT FROM enrollments_sectioneducator m WHERE r.role <> 'student'
                AND (m.section_id, m.educator_id, m.starts_on) = (r.section_id, r.user_id, r.starts_on))
ORDER BY r.line
"""


def change_ends(table: str, person: str, students: bool) -> str:
    same = f"(m.section_id, m.{person}, m.starts_on) = (r.section_id, r.user_id, r.starts_on)"
    return (
        f"WITH before AS (SELECT m.id, m.ends_on FROM {table} m JOIN roster_stage r ON {same}) "
        f"UPDATE {table} m SET ends_on = r.ends_on FROM roster_stage r, before WHERE before.id = m.id AND {same} "
        f"AND r.reason IS NULL AND (r.role = 'student') = {students} AND m.ends_on IS DISTINCT FROM r.ends_on "
        "RETURNING r.line, r.role || ' ' || r.username || ' in ' || r.section, coalesce(before.ends_on::text, ''), r.ends_on::text"
    )


def missing(table: str, person: str) -> str:
    """Memberships that live today, of the schools and terms of the file, whose person the file has in none of its lines for
    that class; a person of a refused line counts as there."""
    return (
        f"FROM {table} m JOIN enrollments_section s ON s.id = m.section_id JOIN people_user u ON u.id = m.{person} "
        "WHERE (s.school_id, s.term_id) IN (SELECT school_id, term_id FROM roster_stage WHERE school_id > 0 AND term_id > 0) "
        "AND m.starts_on <= %(today)s AND (m.ends_on IS NULL OR m.ends_on > %(today)s) "
    ) + ("AND NOT EXISTS (SELECT FROM roster_stage r WHERE r.username = u.username AND (r.reason IS NOT NULL OR r.section_id = s.id))")


def living(table: str, person: str) -> str:
    """All memberships of which `missing` are a part."""
    return missing(table, person).partition("AND NOT EXISTS")[0]


def end(table: str, person: str) -> str:
    return (
        f"WITH gone AS (SELECT m.id, u.username, s.code, m.ends_on {missing(table, person)}) "
        f"UPDATE {table} m SET ends_on = %(today)s FROM gone WHERE gone.id = m.id AND m.starts_on < %(today)s "
        "RETURNING 0, gone.username || ' in ' || gone.code, coalesce(gone.ends_on::text, ''), m.ends_on::text"
    )


STUDENTS = ("enrollments_sectionstudent", "student_id")
EDUCATORS = ("enrollments_sectioneducator", "educator_id")
READ_REFUSED = "SELECT line, username, field, reason, detail FROM roster_stage WHERE reason IS NOT NULL ORDER BY line"
