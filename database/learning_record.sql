-- Guards and views of the learning record: what a judgement may say, and who is related to which student.

-- A judgement names a level of a version of the scale of its competency's framework. The tables it names have no foreign
-- key from here (a key costs a large import two fifths of its speed), so the whole statement's rows are checked at once.
CREATE OR REPLACE FUNCTION learning.check_judgments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT competency_id, version_id, max(rank) AS rank FROM added GROUP BY 1, 2) j
               LEFT JOIN learning.competencies_competency c ON c.id = j.competency_id
               LEFT JOIN learning.competencies_framework f ON f.id = c.framework_id
               LEFT JOIN learning.competencies_masteryscaleversion v
                      ON v.id = j.version_id AND v.scale_id = f.scale_id AND j.rank <= v.highest_rank
               WHERE v.id IS NULL) THEN
        RAISE EXCEPTION 'a judgement names a level of the scale of its competency''s framework' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM (SELECT student_id AS id FROM added UNION SELECT judged_by_id FROM added) p
               LEFT JOIN learning.people_user u ON u.id = p.id WHERE u.id IS NULL) THEN
        RAISE EXCEPTION 'a judgement names a person who is not on file' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (SELECT FROM added WHERE worked_on > (recorded_at AT TIME ZONE 'UTC')::date + 1) THEN
        RAISE EXCEPTION 'work is judged after it was done' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER of_a_level AFTER INSERT ON learning.competencies_masteryjudgment
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION learning.check_judgments();

-- Who stands in a relation to which student, with its days (ends_on: the first day without it). Access asks here alone.
DROP VIEW IF EXISTS learning.student_relations;
CREATE VIEW learning.student_relations WITH (security_barrier) AS
SELECT guardian_id AS actor_id, student_id, 'guardian' AS kind, NULL::bigint AS section_id, starts_on, ends_on
FROM learning.people_guardianship
UNION ALL
SELECT counsellor_id, student_id, 'counsellor', NULL, starts_on, ends_on FROM learning.people_studentcase
UNION ALL
SELECT e.educator_id, s.student_id, 'teacher', e.section_id, greatest(e.starts_on, s.starts_on), least(e.ends_on, s.ends_on)
FROM learning.enrollments_sectioneducator e
JOIN learning.enrollments_sectionstudent s ON s.section_id = e.section_id
UNION ALL
SELECT r.user_id, s.student_id, r.kind, NULL, greatest(r.starts_on, s.starts_on), least(r.ends_on, s.ends_on)
FROM learning.people_role r
JOIN learning.people_organization o ON o.id = r.organization_id
JOIN learning.people_organization school ON school.id = o.id OR school.district_id = o.id
JOIN learning.enrollments_schoolenrollment s ON s.school_id = school.id
WHERE (r.kind, o.kind) IN (('school_administrator', 'school'), ('district_administrator', 'district'))
UNION ALL
SELECT r.user_id, e.student_id, r.kind, NULL, greatest(r.starts_on, e.enrolled_on), least(r.ends_on, e.withdrawn_on + 1)
FROM learning.people_role r
JOIN learning.enrollments_offering f ON f.provider_id = r.organization_id
JOIN learning.enrollments_enrollment e ON e.offering_id = f.id
WHERE r.kind = 'provider_staff';
