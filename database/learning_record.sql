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

-- Whoever handles money has no learning relation under the same account, and the other way round: a parent who is also a
-- finance officer signs in to each site as somebody else.
CREATE OR REPLACE FUNCTION learning.refuse_money_and_learning() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    money CONSTANT text[] := ARRAY['finance_officer', 'payment_releaser', 'auditor'];
    clash boolean;
BEGIN
    IF TG_TABLE_NAME = 'people_role' AND to_jsonb(NEW) ->> 'kind' = ANY (money) THEN
        clash := EXISTS (SELECT FROM learning.enrollments_sectioneducator WHERE educator_id = who)
              OR EXISTS (SELECT FROM learning.people_studentcase WHERE counsellor_id = who)
              OR EXISTS (SELECT FROM learning.people_guardianship WHERE guardian_id = who)
              OR EXISTS (SELECT FROM learning.people_role WHERE user_id = who
                         AND kind IN ('school_administrator', 'district_administrator'));
    ELSIF TG_TABLE_NAME <> 'people_role'
          OR to_jsonb(NEW) ->> 'kind' IN ('school_administrator', 'district_administrator') THEN
        clash := EXISTS (SELECT FROM learning.people_role WHERE user_id = who AND kind = ANY (money));
    END IF;
    IF clash THEN
        RAISE EXCEPTION 'one account holds a role of money or a relation to a student, never both'
            USING ERRCODE = 'check_violation', HINT = 'Give the person a second account.';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER money_or_learning BEFORE INSERT ON learning.people_role
    FOR EACH ROW EXECUTE FUNCTION learning.refuse_money_and_learning('user_id');
CREATE OR REPLACE TRIGGER money_or_learning BEFORE INSERT ON learning.people_guardianship
    FOR EACH ROW EXECUTE FUNCTION learning.refuse_money_and_learning('guardian_id');
CREATE OR REPLACE TRIGGER money_or_learning BEFORE INSERT ON learning.people_studentcase
    FOR EACH ROW EXECUTE FUNCTION learning.refuse_money_and_learning('counsellor_id');
CREATE OR REPLACE TRIGGER money_or_learning BEFORE INSERT ON learning.enrollments_sectioneducator
    FOR EACH ROW EXECUTE FUNCTION learning.refuse_money_and_learning('educator_id');
