-- What the database itself refuses, whoever asks. Grants stop the application; these stop the owner's mistake.
-- One statement trigger checks a whole statement's rows, so a guard costs a join and not a call a row.

CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%.% is added to, never edited: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'State the change as a further row.';
END $$;

DO $$
DECLARE
    append_only CONSTANT text[] := ARRAY[
        'learning.people_providerstatus', 'learning.enrollments_intakebatch', 'learning.enrollments_completion',
        'learning.enrollments_enrollmentchange', 'learning.enrollments_residence', 'learning.enrollments_need',
        'learning.enrollments_unmatchedcompletion', 'learning.enrollments_courseresult',
        'learning.enrollments_attestedmilestone', 'learning.enrollments_milestone',
        'learning.enrollments_priorlearning', 'learning.enrollments_measureuse', 'funding.funding_policyrevision',
        'funding.funding_policyapproval', 'funding.funding_policyversion', 'funding.funding_account',
        'funding.funding_pricedcase', 'funding.funding_claim', 'funding.funding_transfer',
        'funding.funding_paymentline', 'funding.funding_discrepancy', 'audit.people_studentlook',
        'accountability.accountability_indicatorsnapshot', 'learning.people_idempotentanswer',
        'learning.competencies_masteryscaleversion', 'learning.competencies_frameworkarrival',
        'learning.competencies_competencywording', 'learning.competencies_evidenceversion',
        'learning.competencies_evidencefile', 'learning.competencies_masteryjudgment',
        'learning.competencies_judgmentevidence', 'learning.competencies_judgmentwithdrawal',
        'learning.competencies_secondratingrequest', 'learning.competencies_secondrating',
        'learning.competencies_anchorsample', 'learning.competencies_anchorrating',
        'learning.pathways_assessmentattestation', 'learning.pathways_attestationwithdrawal',
        'learning.pathways_creditcriteria', 'learning.pathways_creditaward', 'learning.pathways_creditrevocation',
        'learning.pathways_requirement', 'learning.pathways_seattimewaiver', 'learning.pathways_planitem',
        'learning.pathways_assessmentrequest', 'learning.pathways_assessmentanswer', 'learning.pathways_portfolioarrival',
        'learning.pathways_placement', 'learning.pathways_placementdecision', 'learning.pathways_sharedsummary',
        'learning.pathways_sharedsummaryend', 'learning.pathways_sharedsummaryopening',
        'funding.funding_yearahead', 'funding.funding_prediction', 'funding.funding_trueup', 'funding.funding_reconciliation'];
    -- Facts point at these without a foreign key, or their meaning hangs on them: they stay.
    kept CONSTANT text[] := ARRAY[
        'learning.people_organization', 'learning.competencies_competency',
        'learning.competencies_evidence', 'learning.enrollments_section', 'learning.enrollments_sourcesystem', 'learning.enrollments_course',
        'learning.enrollments_module', 'learning.enrollments_offering', 'learning.enrollments_assignment',
        'learning.enrollments_enrollment', 'funding.funding_program', 'funding.funding_fiscalperiod',
        'funding.funding_run', 'funding.funding_runshard', 'funding.funding_earningstate',
        'funding.funding_paymentbatch', 'funding.funding_discrepancyresolution'];
    relation text;
BEGIN
    FOREACH relation IN ARRAY append_only LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', relation);
    END LOOP;
    FOREACH relation IN ARRAY kept LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER kept BEFORE DELETE OR TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', relation);
    END LOOP;
END $$;

-- What is decided once stays decided.
DO $$
DECLARE
    frozen CONSTANT text[][] := ARRAY[
        ['learning.enrollments_assignment', 'stakes, required, offering_id, module_id'],
        ['learning.enrollments_enrollment', 'code, student_id, offering_id'],
        ['funding.funding_program', 'code, catalogue, currency, fiscal_year_starts_month, unit'],
        ['funding.funding_fiscalperiod', 'program_id, starts_on, ends_on, fiscal_year'],
        ['funding.funding_run', 'program_id, business_date, previous_id, through_batch, through_policy_version'],
        ['funding.funding_paymentbatch', 'run_id'],
        ['funding.funding_discrepancyresolution', 'discrepancy_id, outcome, reason, resolved_by, resolved_at']];
    row_of text[];
BEGIN
    FOREACH row_of SLICE 1 IN ARRAY frozen LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OF %s ON %s '
                       'FOR EACH ROW EXECUTE FUNCTION audit.refuse_change()', row_of[2], row_of[1]);
    END LOOP;
END $$;
CREATE OR REPLACE TRIGGER closed_once BEFORE UPDATE ON funding.funding_fiscalperiod
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER released_once BEFORE UPDATE ON funding.funding_paymentbatch
    FOR EACH ROW WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER finished_once BEFORE UPDATE ON funding.funding_run
    FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER done_once BEFORE UPDATE ON funding.funding_runshard
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER consumed_once BEFORE UPDATE ON funding.funding_discrepancyresolution
    FOR EACH ROW WHEN (OLD.consumed_by_id IS NOT NULL) EXECUTE FUNCTION audit.refuse_change();

-- A completion states low-stakes work only, of the enrollment's own offering.
CREATE OR REPLACE FUNCTION learning.check_completions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM added c
               LEFT JOIN learning.enrollments_assignment a ON a.id = c.assignment_id AND a.stakes = 'low'
               LEFT JOIN learning.enrollments_enrollment e ON e.id = c.enrollment_id AND e.offering_id = a.offering_id
               WHERE e.id IS NULL) THEN
        RAISE EXCEPTION 'a completion must name a low-stakes assignment of its enrollment''s offering'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER low_stakes_only AFTER INSERT ON learning.enrollments_completion
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION learning.check_completions();

-- Rows of one enrollment and assignment alternate: stated, voided, stated ... with the same dates in a pair.
CREATE OR REPLACE FUNCTION learning.check_completion_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM learning.enrollments_completion c
                   WHERE c.enrollment_id = NEW.enrollment_id AND c.assignment_id = NEW.assignment_id
                     AND c.sequence = NEW.sequence - 1
                     AND (NEW.sequence % 2 = 0 OR (c.completed_on = NEW.completed_on AND c.carried_over = NEW.carried_over))) THEN
        RAISE EXCEPTION 'completion % has no matching row before it', NEW.sequence USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER follows_a_row BEFORE INSERT ON learning.enrollments_completion
    FOR EACH ROW WHEN (NEW.sequence > 0) EXECUTE FUNCTION learning.check_completion_follows();

-- The name of an effect, and the seal of a transfer as it was written: both from its content alone, so that equal
-- runs write equal rows. Plain SQL bodies of immutable parts, which the planner inlines: convert_to counts as merely
-- stable and would cost a function call a row, so text becomes its bytes by a cast (a backslash escaped for it).
CREATE OR REPLACE FUNCTION funding.effect_key(effect text) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN encode(substring(sha256(replace(effect, '\', '\\')::bytea) FOR 16), 'hex')::uuid;
CREATE OR REPLACE FUNCTION funding.seal(effect_key uuid, debit_code text, credit_code text, amount_cents bigint,
                                        business_date date, policy_sha256 text)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(uuid_send(effect_key) || int8send(amount_cents) || int4send(business_date - date '2000-01-01')
              || replace(debit_code || '>' || credit_code || '|' || coalesce(policy_sha256, ''), '\', '\\')::bytea);

-- A transfer moves money between two accounts of its own program, in an open period; a reversal mirrors its row.
CREATE OR REPLACE FUNCTION funding.check_transfers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    month record;
    closed boolean;
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT program_id, debit_account_id, credit_account_id FROM added) t
               LEFT JOIN funding.funding_account d ON d.id = t.debit_account_id AND d.program_id = t.program_id
               LEFT JOIN funding.funding_account c ON c.id = t.credit_account_id AND c.program_id = t.program_id
               WHERE d.id IS NULL OR c.id IS NULL) THEN
        RAISE EXCEPTION 'a transfer names an account that its program does not have' USING ERRCODE = 'foreign_key_violation';
    END IF;
    FOR month IN SELECT DISTINCT program_id, business_date FROM added LOOP
        -- FOR SHARE: a close that is under way is waited for, and seen. One closed period closes the day.
        SELECT bool_or(p.closed_at IS NOT NULL) INTO closed
        FROM (SELECT closed_at FROM funding.funding_fiscalperiod
              WHERE program_id = month.program_id AND month.business_date BETWEEN starts_on AND ends_on FOR SHARE) p;
        IF closed IS NULL THEN
            RAISE EXCEPTION 'no fiscal period is open on %', month.business_date USING ERRCODE = 'check_violation';
        ELSIF closed THEN
            RAISE EXCEPTION 'the fiscal period of % is closed', month.business_date USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    -- The row that is reversed is looked for only where one is named.
    IF EXISTS (SELECT FROM added t
               WHERE (t.kind = 'reverse') <> (t.reverses_id IS NOT NULL)
                  OR (t.reverses_id IS NOT NULL AND NOT EXISTS (
                      SELECT FROM funding.funding_transfer o WHERE o.effect_key = t.reverses_id
                      AND (o.debit_account_id, o.credit_account_id, o.amount_cents)
                          = (t.credit_account_id, t.debit_account_id, t.amount_cents)))) THEN
        RAISE EXCEPTION 'a reversal swaps the accounts of the row that it reverses and keeps its amount'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_rules AFTER INSERT ON funding.funding_transfer
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funding.check_transfers();

-- Staff of the office are visible to the office; nobody else's row is.
ALTER TABLE learning.people_user ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS learning_sees_everyone ON learning.people_user;
CREATE POLICY learning_sees_everyone ON learning.people_user TO area_learning, credence_learning
    USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS office_sees_its_own ON learning.people_user;
CREATE POLICY office_sees_its_own ON learning.people_user TO credence_office, area_funding, area_accountability
    USING (works_in_office) WITH CHECK (works_in_office);

-- The learning site, the most attacked process, appoints nobody to the office and signs in as nobody there. Commands of
-- the owner do, which enter the same area under another login.
CREATE OR REPLACE FUNCTION audit.refuse_from_learning_site() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'people_role' OR EXISTS (SELECT FROM learning.people_role r WHERE r.user_id = OLD.id
                                                AND r.kind IN ('finance_officer', 'payment_releaser', 'auditor')) THEN
        RAISE EXCEPTION 'the learning site changes nothing about who works in the office'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER appointed_elsewhere BEFORE INSERT OR UPDATE ON learning.people_role FOR EACH ROW
    WHEN (session_user = 'credence_learning'
          AND NEW.kind IN ('provider_staff', 'finance_officer', 'payment_releaser', 'auditor'))
    EXECUTE FUNCTION audit.refuse_from_learning_site();
CREATE OR REPLACE TRIGGER kept_elsewhere BEFORE UPDATE OF password, is_active ON learning.people_user FOR EACH ROW
    WHEN (session_user = 'credence_learning' AND (OLD.password, OLD.is_active) IS DISTINCT FROM (NEW.password, NEW.is_active))
    EXECUTE FUNCTION audit.refuse_from_learning_site();

-- A second factor is read and changed where its person signs in: those who handle money at the office alone.
ALTER TABLE learning.mfa_authenticator ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS learning_signs_in_who_handles_no_money ON learning.mfa_authenticator;
CREATE POLICY learning_signs_in_who_handles_no_money ON learning.mfa_authenticator TO credence_learning
    USING (NOT EXISTS (SELECT FROM learning.people_role r WHERE r.user_id = mfa_authenticator.user_id
                       AND r.kind IN ('finance_officer', 'payment_releaser', 'auditor')));
DROP POLICY IF EXISTS office_signs_in_its_own ON learning.mfa_authenticator;
CREATE POLICY office_signs_in_its_own ON learning.mfa_authenticator TO credence_office
    USING (user_id IN (SELECT u.id FROM learning.people_user u));

ALTER TABLE learning.people_onetimesecret ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS learning_signs_in_who_is_not_of_the_office ON learning.people_onetimesecret;
CREATE POLICY learning_signs_in_who_is_not_of_the_office ON learning.people_onetimesecret TO area_learning, credence_learning
    -- Commands of the owner make them for everybody.
    USING (session_user <> 'credence_learning'
           OR NOT EXISTS (SELECT FROM learning.people_user u WHERE u.id = people_onetimesecret.user_id AND u.works_in_office));
DROP POLICY IF EXISTS office_signs_in_its_own ON learning.people_onetimesecret;
CREATE POLICY office_signs_in_its_own ON learning.people_onetimesecret TO credence_office
    USING (user_id IN (SELECT u.id FROM learning.people_user u));
CREATE OR REPLACE TRIGGER used_once BEFORE UPDATE ON learning.people_onetimesecret FOR EACH ROW
    WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION audit.refuse_change();

-- A relation that has its end keeps it: who comes back is given a further one.
DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['learning.people_role', 'learning.people_guardianship', 'learning.people_studentcase'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER ended_once BEFORE UPDATE OF ends_on ON %s FOR EACH ROW '
                       'WHEN (OLD.ends_on IS NOT NULL AND OLD.ends_on IS DISTINCT FROM NEW.ends_on) '
                       'EXECUTE FUNCTION audit.refuse_change()', relation);
    END LOOP;
END $$;

-- A subject of a school's own sign-on is one person's for good, and a person has one of it.
CREATE OR REPLACE TRIGGER bound_once BEFORE UPDATE ON learning.socialaccount_socialaccount FOR EACH ROW
    WHEN ((OLD.user_id, OLD.provider, OLD.uid) IS DISTINCT FROM (NEW.user_id, NEW.provider, NEW.uid))
    EXECUTE FUNCTION audit.refuse_change();
CREATE UNIQUE INDEX IF NOT EXISTS one_subject_a_person ON learning.socialaccount_socialaccount (user_id, provider);

-- The one way from the office to a student's name: the look is written in the same call that answers.
CREATE OR REPLACE FUNCTION audit.look_up_student(enrollment bigint, viewer bigint, purpose text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    student record;
BEGIN
    IF NOT EXISTS (SELECT FROM learning.people_role r WHERE r.user_id = viewer AND r.kind = 'auditor'
                   AND r.starts_on <= current_date AND (r.ends_on IS NULL OR r.ends_on > current_date)) THEN
        RAISE EXCEPTION 'only an auditor may look up a student' USING ERRCODE = 'insufficient_privilege';
    ELSIF coalesce(btrim(purpose), '') = '' THEN
        RAISE EXCEPTION 'a look at a student needs a purpose' USING ERRCODE = 'check_violation';
    END IF;
    SELECT u.id, u.full_name INTO student FROM learning.enrollments_enrollment e
    JOIN learning.people_user u ON u.id = e.student_id WHERE e.id = enrollment;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit.people_studentlook (viewer_id, student_id, purpose) VALUES (viewer, student.id, purpose);
    RETURN student.full_name;
END $$;
