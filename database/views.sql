-- What crosses from learning into funding and accountability: whitelisted columns, owner-rights views with a
-- security barrier. Dropped and made anew after every migrate, so that a column can come and go.

DROP VIEW IF EXISTS learning.completion_facts, learning.enrollment_facts, learning.enrollment_change_facts,
    learning.assignment_facts, learning.module_facts, learning.offering_facts, learning.provider_facts,
    learning.residence_facts, learning.need_facts, learning.milestone_facts, learning.unmatched_completion_facts,
    learning.outcome_facts, learning.batch_facts, learning.district_facts, learning.prior_learning_facts,
    learning.measure_use_facts, learning.declared_milestone_facts;

-- Which intakes have committed.
CREATE VIEW learning.batch_facts WITH (security_barrier) AS
SELECT id, recorded_at FROM learning.enrollments_intakebatch;

-- That low-stakes work was completed: no mark, no source, no student.
CREATE VIEW learning.completion_facts WITH (security_barrier) AS
SELECT enrollment_id, assignment_id, sequence, completed_on, carried_over, batch_id
FROM learning.enrollments_completion;

-- An enrollment, its dates as now known and the day on which learning starts.
CREATE VIEW learning.enrollment_facts WITH (security_barrier) AS
SELECT e.id, e.code, e.offering_id, e.enrolled_on, e.withdrawn_on, e.batch_id,
       o.provider_id, c.catalogue, c.id AS course_id,
       CASE o.entry WHEN 'fixed' THEN greatest(e.enrolled_on, o.starts_on)
                    ELSE coalesce(e.enrolled_on, o.starts_on) END AS learning_starts_on
FROM learning.enrollments_enrollment e
JOIN learning.enrollments_offering o ON o.id = e.offering_id
JOIN learning.enrollments_course c ON c.id = o.course_id;

-- A change of an enrollment's dates, with what they were: an open night sees the dates that its watermark saw.
CREATE VIEW learning.enrollment_change_facts WITH (security_barrier) AS
SELECT h.id, h.enrollment_id, h.batch_id, h.enrolled_on_before, h.withdrawn_on_before,
       CASE o.entry WHEN 'fixed' THEN greatest(h.enrolled_on_before, o.starts_on)
                    ELSE coalesce(h.enrolled_on_before, o.starts_on) END AS learning_starts_on_before
FROM learning.enrollments_enrollmentchange h
JOIN learning.enrollments_enrollment e ON e.id = h.enrollment_id
JOIN learning.enrollments_offering o ON o.id = e.offering_id;

-- Only what can pay: a high-stakes assessment is not to be seen from the money's side at all.
CREATE VIEW learning.assignment_facts WITH (security_barrier) AS
SELECT id, code, title, offering_id, module_id, batch_id
FROM learning.enrollments_assignment
WHERE stakes = 'low' AND required;

CREATE VIEW learning.module_facts WITH (security_barrier) AS
SELECT id, course_id, code, title, credit_numerator, credit_denominator FROM learning.enrollments_module;

CREATE VIEW learning.offering_facts WITH (security_barrier) AS
SELECT o.id, o.code, o.course_id, o.provider_id, o.starts_on, c.catalogue, c.title AS course_title, c.code AS course_code
FROM learning.enrollments_offering o
JOIN learning.enrollments_course c ON c.id = o.course_id;

CREATE VIEW learning.provider_facts WITH (security_barrier) AS
SELECT p.id, p.uuid, p.code, p.name,
       coalesce((SELECT s.status FROM learning.people_providerstatus s WHERE s.provider_id = p.id
                 ORDER BY s.from_on DESC, s.id DESC LIMIT 1), 'applied') AS status
FROM learning.people_organization p
WHERE p.kind = 'provider';

CREATE VIEW learning.district_facts WITH (security_barrier) AS
SELECT id, code, name FROM learning.people_organization WHERE kind = 'district';

CREATE VIEW learning.residence_facts WITH (security_barrier) AS
SELECT enrollment_id, district_id, from_on, batch_id FROM learning.enrollments_residence;

-- An odd sequence voids the row before it and repeats its days: rows that agree in all else add up to 0 or 1.
CREATE VIEW learning.need_facts WITH (security_barrier) AS
SELECT enrollment_id, category, from_on, to_on, sequence, batch_id FROM learning.enrollments_need;

CREATE VIEW learning.milestone_facts WITH (security_barrier) AS
SELECT enrollment_id, milestone, attained_on, sequence, batch_id FROM learning.enrollments_attestedmilestone;

-- The amount is an exact fraction in words, '3' or '5/2', in lowest terms; null takes back what was attested. Of an
-- enrollment and measure the row of the highest id counts.
CREATE VIEW learning.prior_learning_facts WITH (security_barrier) AS
SELECT id, enrollment_id, measure, numerator || CASE denominator WHEN 1 THEN '' ELSE '/' || denominator END AS amount, batch_id
FROM learning.enrollments_priorlearning;

CREATE VIEW learning.unmatched_completion_facts WITH (security_barrier) AS
SELECT u.id, u.kind, coalesce(s.provider_id, o.provider_id) AS provider_id, s.catalogue, s.code AS source_system, u.source_id, u.enrollment_code,
       u.assignment_code, u.completed_on, u.batch_id,
       EXISTS (SELECT FROM learning.enrollments_completion c
               WHERE c.source_system_id = u.source_system_id AND c.source_id = u.source_id) AS corrected
FROM learning.enrollments_unmatchedcompletion u
JOIN learning.enrollments_sourcesystem s ON s.id = u.source_system_id
LEFT JOIN learning.enrollments_enrollment e ON e.code = u.enrollment_code
LEFT JOIN learning.enrollments_offering o ON o.id = e.offering_id;

-- The milestones that can be attested, and the measure that each attests.
CREATE VIEW learning.declared_milestone_facts WITH (security_barrier) AS
SELECT code, measure FROM learning.enrollments_milestone;

-- For what each measure of a catalogue is used, and since when; the highest sequence is in force. No amount, no result.
CREATE VIEW learning.measure_use_facts WITH (security_barrier) AS
SELECT catalogue, measure, sequence, use, claimant, since, because FROM learning.enrollments_measureuse;

-- Accountability's side: how enrollments ended. No completion is in reach, and no outcome of a catalogue in which a program
-- pays on the same measure.
CREATE VIEW learning.outcome_facts WITH (security_barrier) AS
SELECT e.id AS enrollment_id, o.provider_id, c.catalogue, o.starts_on, e.enrolled_on, e.withdrawn_on,
       (SELECT r.outcome FROM learning.enrollments_courseresult r WHERE r.enrollment_id = e.id
        ORDER BY r.id DESC LIMIT 1) AS outcome
FROM learning.enrollments_enrollment e
JOIN learning.enrollments_offering o ON o.id = e.offering_id
JOIN learning.enrollments_course c ON c.id = o.course_id
WHERE NOT EXISTS (SELECT FROM learning.enrollments_measureuse u
                  WHERE u.catalogue = c.catalogue AND u.measure = 'course_success' AND u.use = 'funding');
