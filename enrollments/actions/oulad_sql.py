"""The statements of `import_oulad`: a folder staged in temporary tables `oulad_*`, then written set by set.

Every stage ends in (field, reason, detail): filled, the line is refused.
"""

_REFUSED = "field text, reason text, detail text"
STAGES = {
    "courses": f"line integer, module text, offering text, starts_on date, length_days integer, {_REFUSED}",
    "assessments": f"line integer, code text, module text, offering text, stakes text, due_on date, {_REFUSED}",
    "studentRegistration": (f"line integer, code text, offering text, student text, enrolled_on date, withdrawn_on date, {_REFUSED}"),
    "studentInfo": (f"line integer, code text, region text, low_income boolean, special_education boolean, outcome text, {_REFUSED}"),
}


def stage_of(name: str) -> str:
    return f"oulad_{name.lower()}"


# A second line of one enrollment is passed over where it says the same, and refused where it does not.
REFUSE_REPEATS = """
WITH numbered AS (
    SELECT s.line, first_value(s.line) OVER same_code AS first_line, row_number() OVER same_code AS place,
           to_jsonb(s) - 'line' IS DISTINCT FROM first_value(to_jsonb(s) - 'line') OVER same_code AS differs
    FROM {stage} s
    WHERE s.reason IS NULL AND s.code IN (
        SELECT code FROM {stage} WHERE reason IS NULL GROUP BY code HAVING count(*) > 1)
    WINDOW same_code AS (PARTITION BY s.code ORDER BY s.line)
)
UPDATE {stage} s SET field = 'id_student',
    reason = CASE WHEN n.differs THEN 'duplicate_id' ELSE 'same_again' END,
    detail = 'Line ' || n.first_line || ' has this enrollment with other content.'
FROM numbered n WHERE n.line = s.line AND n.place > 1
"""

REFUSE_UNREGISTERED = """
UPDATE oulad_studentinfo i SET field = 'id_student', reason = 'unknown_enrolment',
    detail = 'No line of studentRegistration has this student in this presentation.'
WHERE i.reason IS NULL AND NOT EXISTS (
    SELECT FROM oulad_studentregistration r WHERE r.code = i.code AND r.reason IS NULL)
"""

REFUSALS = " UNION ALL ".join(
    f"SELECT '{name}' AS name, line, field, reason, detail FROM {stage_of(name)} WHERE reason IS NOT NULL AND reason <> 'same_again'"
    for name in STAGES
)

PROVIDERS = "SELECT DISTINCT module, 'Provider ' || module FROM oulad_courses WHERE reason IS NULL"
DISTRICTS = "SELECT DISTINCT region, region FROM oulad_studentinfo WHERE reason IS NULL AND region IS NOT NULL"
STUDENTS = "SELECT DISTINCT 'oulad-' || student FROM oulad_studentregistration WHERE reason IS NULL"

# What is on file and differs: (name, line, enrollment, field, old, new, takes). `takes` says what --apply-changes
# does with it; NULL where it can do nothing, as the file lacks the date that such a change needs.
FIND_CHANGES = """
CREATE TEMPORARY TABLE oulad_change ON COMMIT DROP AS
WITH registered AS MATERIALIZED (
    SELECT s.*, e.id, e.enrolled_on AS enrolled_on_file, e.withdrawn_on AS withdrawn_on_file
    FROM oulad_studentregistration s JOIN learning.enrollments_enrollment e ON e.code = s.code WHERE s.reason IS NULL
), known AS MATERIALIZED (
    SELECT s.line, s.outcome, s.region, s.low_income, s.special_education, e.id
    FROM oulad_studentinfo s JOIN learning.enrollments_enrollment e ON e.code = s.code WHERE s.reason IS NULL
), result AS MATERIALIZED (
    SELECT DISTINCT ON (enrollment_id) enrollment_id, outcome FROM learning.enrollments_courseresult
    ORDER BY enrollment_id, id DESC
), home AS MATERIALIZED (
    SELECT DISTINCT ON (h.enrollment_id) h.enrollment_id, o.code FROM learning.enrollments_residence h
    JOIN learning.people_organization o ON o.id = h.district_id
    ORDER BY h.enrollment_id, h.from_on DESC NULLS LAST
), need AS MATERIALIZED (
    SELECT enrollment_id, category FROM learning.enrollments_need WHERE from_on IS NULL
    GROUP BY 1, 2 HAVING sum(1 - 2 * (sequence % 2)) > 0
)
SELECT 'courses' AS name, s.line, NULL::bigint AS enrollment_id, 'module_presentation_length' AS field,
       o.length_days::text AS old, s.length_days::text AS new, NULL AS takes, 'fixed_once' AS reason
FROM oulad_courses s JOIN learning.people_organization p ON p.kind = 'provider' AND p.code = s.module
JOIN learning.enrollments_offering o ON o.provider_id = p.id AND o.code = s.offering
WHERE s.reason IS NULL AND o.length_days <> s.length_days
UNION ALL
SELECT 'assessments', s.line, NULL, f.field, f.old, f.new, NULL, 'fixed_once'
FROM oulad_assessments s JOIN learning.people_organization p ON p.kind = 'provider' AND p.code = s.module
JOIN learning.enrollments_offering o ON o.provider_id = p.id AND o.code = s.offering
JOIN learning.enrollments_assignment a ON a.offering_id = o.id AND a.code = s.code
CROSS JOIN LATERAL (VALUES ('assessment_type', a.stakes, s.stakes), ('date', a.due_on::text, s.due_on::text))
    AS f (field, old, new)
WHERE s.reason IS NULL AND f.old IS DISTINCT FROM f.new
UNION ALL
SELECT 'studentRegistration', s.line, s.id, f.field, f.old, f.new, 'dates', 'changed'
FROM registered s
CROSS JOIN LATERAL (VALUES ('date_registration', s.enrolled_on_file::text, s.enrolled_on::text),
                           ('date_unregistration', s.withdrawn_on_file::text, s.withdrawn_on::text))
    AS f (field, old, new)
WHERE f.old IS DISTINCT FROM f.new
UNION ALL
SELECT 'studentInfo', s.line, s.id, 'final_result', r.outcome, s.outcome, 'outcome', 'changed'
FROM known s JOIN result r ON r.enrollment_id = s.id WHERE s.outcome <> r.outcome
UNION ALL
SELECT 'studentInfo', s.line, s.id, 'region', h.code, s.region, NULL, 'needs_a_date'
FROM known s JOIN home h ON h.enrollment_id = s.id WHERE s.region <> h.code
UNION ALL
SELECT 'studentInfo', s.line, s.id, f.field, (n.category IS NOT NULL)::text, f.needed::text,
       CASE WHEN f.needed THEN f.category END, CASE WHEN f.needed THEN 'changed' ELSE 'needs_a_date' END
FROM known s
CROSS JOIN LATERAL (VALUES ('imd_band', 'low_income', s.low_income),
                           ('disability', 'special_education', s.special_education)) AS f (field, category, needed)
LEFT JOIN need n ON n.enrollment_id = s.id AND n.category = f.category
WHERE (n.category IS NOT NULL) <> f.needed
"""

CHANGES = """
SELECT name, line, field, coalesce(old, ''), coalesce(new, ''), takes IS NOT NULL, reason
FROM oulad_change ORDER BY name, line, field
"""

# Only with --apply-changes. The history row first: it tells the dates from before the update.
APPLY_CHANGES = (
    """
INSERT INTO learning.enrollments_enrollmentchange
    (enrollment_id, batch_id, enrolled_on_before, enrolled_on_after, withdrawn_on_before, withdrawn_on_after, reason)
SELECT e.id, %(batch)s, e.enrolled_on, s.enrolled_on, e.withdrawn_on, s.withdrawn_on, 'Changed at the source'
FROM oulad_studentregistration s JOIN learning.enrollments_enrollment e ON e.code = s.code
WHERE s.reason IS NULL AND e.id IN (SELECT enrollment_id FROM oulad_change WHERE takes = 'dates') ORDER BY e.id
""",
    """
UPDATE learning.enrollments_enrollment e SET enrolled_on = s.enrolled_on, withdrawn_on = s.withdrawn_on
FROM oulad_studentregistration s
WHERE e.code = s.code AND s.reason IS NULL
  AND e.id IN (SELECT enrollment_id FROM oulad_change WHERE takes = 'dates')
""",
    """
INSERT INTO learning.enrollments_courseresult (enrollment_id, outcome, batch_id)
SELECT enrollment_id, new, %(batch)s FROM oulad_change WHERE takes = 'outcome' ORDER BY enrollment_id
""",
    """
INSERT INTO learning.enrollments_need (enrollment_id, category, batch_id)
SELECT enrollment_id, takes, %(batch)s FROM oulad_change WHERE takes IN ('low_income', 'special_education')
ORDER BY enrollment_id, takes ON CONFLICT DO NOTHING
""",
)

_OFFERING = """
JOIN learning.people_organization p ON p.kind = 'provider' AND p.code = split_part(s.offering, ' ', 1)
JOIN learning.enrollments_offering o ON o.provider_id = p.id AND o.code = s.offering
"""

# In this order; each adds only what is not on file. Needs ask before enrollments are added: they come with a new one.
ADD_MISSING = (
    """
INSERT INTO learning.enrollments_course (catalogue, code, title)
SELECT DISTINCT %(catalogue)s, s.module, 'Course ' || s.module FROM oulad_courses s
WHERE s.reason IS NULL AND NOT EXISTS (
    SELECT FROM learning.enrollments_course c WHERE c.catalogue = %(catalogue)s AND c.code = s.module)
ORDER BY s.module ON CONFLICT DO NOTHING
""",
    """
INSERT INTO learning.enrollments_module (course_id, code, title, credit_numerator, credit_denominator)
SELECT c.id, c.code, 'The whole of course ' || c.code, 1, 1 FROM learning.enrollments_course c
WHERE c.catalogue = %(catalogue)s AND NOT EXISTS (
    SELECT FROM learning.enrollments_module m WHERE m.course_id = c.id)
ORDER BY c.code ON CONFLICT DO NOTHING
""",
    """
INSERT INTO learning.enrollments_offering (course_id, provider_id, code, entry, starts_on, length_days)
SELECT c.id, p.id, s.offering, 'fixed', s.starts_on, s.length_days FROM oulad_courses s
JOIN learning.enrollments_course c ON c.catalogue = %(catalogue)s AND c.code = s.module
JOIN learning.people_organization p ON p.kind = 'provider' AND p.code = s.module
WHERE s.reason IS NULL AND NOT EXISTS (
    SELECT FROM learning.enrollments_offering o WHERE o.provider_id = p.id AND o.code = s.offering)
ORDER BY s.offering ON CONFLICT DO NOTHING
""",
    f"""
INSERT INTO learning.enrollments_assignment
    (offering_id, module_id, code, title, stakes, required, due_on, batch_id)
SELECT o.id, m.id, s.code, 'Assessment ' || s.code, s.stakes, s.stakes = 'low', s.due_on, %(batch)s
FROM oulad_assessments s {_OFFERING} JOIN learning.enrollments_module m ON m.course_id = o.course_id
WHERE s.reason IS NULL AND NOT EXISTS (
    SELECT FROM learning.enrollments_assignment a WHERE a.offering_id = o.id AND a.code = s.code)
ORDER BY s.code::bigint ON CONFLICT DO NOTHING
""",
    f"""
INSERT INTO learning.enrollments_enrollment (code, student_id, offering_id, enrolled_on, withdrawn_on, batch_id)
SELECT s.code, u.id, o.id, s.enrolled_on, s.withdrawn_on, %(batch)s
FROM oulad_studentregistration s {_OFFERING} JOIN learning.people_user u ON u.username = 'oulad-' || s.student
WHERE s.reason IS NULL AND NOT EXISTS (SELECT FROM learning.enrollments_enrollment e WHERE e.code = s.code)
ORDER BY s.code ON CONFLICT DO NOTHING
""",
    """
INSERT INTO learning.enrollments_residence (enrollment_id, district_id, batch_id)
SELECT e.id, d.id, %(batch)s FROM oulad_studentinfo s JOIN learning.enrollments_enrollment e ON e.code = s.code
JOIN learning.people_organization d ON d.kind = 'district' AND d.code = s.region
WHERE s.reason IS NULL AND NOT EXISTS (SELECT FROM learning.enrollments_residence h WHERE h.enrollment_id = e.id)
ORDER BY e.id ON CONFLICT DO NOTHING
""",
    """
INSERT INTO learning.enrollments_need (enrollment_id, category, batch_id)
SELECT e.id, f.category, %(batch)s
FROM oulad_studentinfo s JOIN learning.enrollments_enrollment e ON e.code = s.code AND e.batch_id = %(batch)s
CROSS JOIN LATERAL (VALUES ('low_income', s.low_income), ('special_education', s.special_education))
    AS f (category, needed)
WHERE s.reason IS NULL AND f.needed ORDER BY e.id, f.category ON CONFLICT DO NOTHING
""",
    """
INSERT INTO learning.enrollments_courseresult (enrollment_id, outcome, batch_id)
SELECT e.id, s.outcome, %(batch)s FROM oulad_studentinfo s JOIN learning.enrollments_enrollment e ON e.code = s.code
WHERE s.reason IS NULL AND s.outcome IS NOT NULL AND NOT EXISTS (
    SELECT FROM learning.enrollments_courseresult r WHERE r.enrollment_id = e.id)
ORDER BY e.id
""",
)

# What the folder itself says of its low-stakes rows, whatever is on file: a row counts under the first that fits.
COUNT_ROWS = """
SELECT CASE WHEN s.carried_over THEN 'banked_rows'
            WHEN r.code IS NULL THEN 'without_enrollment'
            WHEN s.completed_on > r.withdrawn_on THEN 'after_withdrawal_rows'
            WHEN s.completed_on < r.enrolled_on THEN 'before_enrollment_rows'
            ELSE 'payable_completions' END AS kind, count(*)
FROM intake_stage s
LEFT JOIN oulad_studentregistration r ON r.code = s.enrollment AND r.reason IS NULL
WHERE s.reason IS NULL AND NOT EXISTS (SELECT FROM intake_repeat p WHERE p.row = s.row)
GROUP BY kind
"""
