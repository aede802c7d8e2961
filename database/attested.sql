-- Guards of what is attested: milestones and needs, whose rows state and void each other as completions do; and the
-- registry of measures: one measure of a catalogue has one use, it pays or it judges.

CREATE OR REPLACE FUNCTION learning.check_milestone_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM learning.enrollments_attestedmilestone m
                   WHERE m.enrollment_id = NEW.enrollment_id AND m.milestone = NEW.milestone AND m.sequence = NEW.sequence - 1
                     AND (NEW.sequence % 2 = 0 OR m.attained_on = NEW.attained_on)) THEN
        RAISE EXCEPTION 'attested milestone % has no matching row before it', NEW.sequence USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER follows_a_row BEFORE INSERT ON learning.enrollments_attestedmilestone
    FOR EACH ROW WHEN (NEW.sequence > 0) EXECUTE FUNCTION learning.check_milestone_follows();

CREATE OR REPLACE FUNCTION learning.check_need_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM learning.enrollments_need n
                   WHERE n.enrollment_id = NEW.enrollment_id AND n.category = NEW.category
                     AND n.from_on IS NOT DISTINCT FROM NEW.from_on AND n.sequence = NEW.sequence - 1
                     AND (NEW.sequence % 2 = 0 OR n.to_on IS NOT DISTINCT FROM NEW.to_on)) THEN
        RAISE EXCEPTION 'need % has no matching row before it', NEW.sequence USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER follows_a_row BEFORE INSERT ON learning.enrollments_need
    FOR EACH ROW WHEN (NEW.sequence > 0) EXECUTE FUNCTION learning.check_need_follows();

-- A use follows the one before it, and what pays never goes back to judging. With the unique sequence this makes one line of
-- uses a measure, also where two claim it at once.
CREATE OR REPLACE FUNCTION learning.check_measure_use() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.sequence > 0 AND NOT EXISTS (
        SELECT FROM learning.enrollments_measureuse u
        WHERE u.catalogue = NEW.catalogue AND u.measure = NEW.measure AND u.sequence = NEW.sequence - 1
          AND (u.use = 'accountability' OR NEW.use = 'funding')) THEN
        RAISE EXCEPTION 'one measure has one use: % of % pays, or has no use %', NEW.measure, NEW.catalogue, NEW.sequence - 1
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER one_use BEFORE INSERT ON learning.enrollments_measureuse
    FOR EACH ROW EXECUTE FUNCTION learning.check_measure_use();

-- Money's way in: a program that pays on these milestones takes the measures that they attest. Answers each measure, and the
-- indicator that judged by it until now, or null. Asked again it changes nothing.
CREATE OR REPLACE FUNCTION learning.pay_on_milestones(of_catalogue text, milestones text[], program text, from_on date)
RETURNS TABLE (taken text, judged text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unknown text;
    attested record;
    before record;
BEGIN
    SELECT string_agg(named, ', ' ORDER BY named) INTO unknown FROM unnest(milestones) AS named
    WHERE NOT EXISTS (SELECT FROM learning.enrollments_milestone m WHERE m.code = named);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'no milestone on file is called %', unknown USING ERRCODE = 'foreign_key_violation';
    END IF;
    FOR attested IN SELECT m.measure, string_agg(m.code, ', ' ORDER BY m.code) AS codes FROM learning.enrollments_milestone m
                    WHERE m.code = ANY (milestones) GROUP BY m.measure ORDER BY m.measure LOOP
        LOOP
            SELECT u.sequence, u.use, u.claimant INTO before FROM learning.enrollments_measureuse u
            WHERE u.catalogue = of_catalogue AND u.measure = attested.measure ORDER BY u.sequence DESC LIMIT 1;
            taken := attested.measure;
            judged := CASE WHEN before.use = 'accountability' THEN before.claimant END;
            EXIT WHEN EXISTS (SELECT FROM learning.enrollments_measureuse u WHERE u.catalogue = of_catalogue
                              AND u.measure = attested.measure AND u.use = 'funding' AND u.claimant = program);
            BEGIN
                INSERT INTO learning.enrollments_measureuse (catalogue, measure, sequence, use, claimant, since, because)
                VALUES (of_catalogue, attested.measure, coalesce(before.sequence + 1, 0), 'funding', program, from_on,
                        'pays on attested milestones (' || attested.codes || ')'
                        || coalesce('; taken from the indicator ' || judged, ''));
                EXIT;
            EXCEPTION WHEN unique_violation THEN
                -- Somebody else claimed it just now: look again.
            END;
        END LOOP;
        RETURN NEXT;
    END LOOP;
END $$;

-- Quality's way in: an indicator judges by a measure that no program pays on.
CREATE OR REPLACE FUNCTION learning.judge_by_measure(of_catalogue text, by_measure text, indicator text, from_on date)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before record;
BEGIN
    LOOP
        SELECT u.sequence, u.use INTO before FROM learning.enrollments_measureuse u
        WHERE u.catalogue = of_catalogue AND u.measure = by_measure ORDER BY u.sequence DESC LIMIT 1;
        IF before.use = 'funding' THEN
            RAISE EXCEPTION 'one measure has one use: a program pays on % in %', by_measure, of_catalogue
                USING ERRCODE = 'check_violation';
        END IF;
        EXIT WHEN EXISTS (SELECT FROM learning.enrollments_measureuse u WHERE u.catalogue = of_catalogue
                          AND u.measure = by_measure AND u.use = 'accountability' AND u.claimant = indicator);
        BEGIN
            INSERT INTO learning.enrollments_measureuse (catalogue, measure, sequence, use, claimant, since, because)
            VALUES (of_catalogue, by_measure, coalesce(before.sequence + 1, 0), 'accountability', indicator, from_on,
                    'published as an indicator');
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            -- Somebody else claimed it just now: look again.
        END;
    END LOOP;
END $$;

-- Nothing is published that judges by a measure without the use for it.
CREATE OR REPLACE FUNCTION learning.check_published() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT catalogue, measure, indicator FROM added) p
               WHERE 'accountability' IS DISTINCT FROM (
                   SELECT u.use FROM learning.enrollments_measureuse u WHERE u.catalogue = p.catalogue AND u.measure = p.measure
                   ORDER BY u.sequence DESC LIMIT 1)) THEN
        RAISE EXCEPTION 'an indicator judges by a measure that is registered to judge, and that no program pays on'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER judges_by_a_free_measure AFTER INSERT ON accountability.accountability_indicatorsnapshot
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION learning.check_published();

-- No price rests on a milestone whose measure its program has not taken: what pays is out of accountability's sight before it
-- pays. A bridge, which reads the registry for the books and nothing else.
CREATE OR REPLACE FUNCTION funding.check_paid_measures() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT policy_version_id, circumstances -> 'milestones' AS reached FROM added
                            WHERE circumstances ? 'milestones') c
               JOIN funding.funding_policyversion v ON v.id = c.policy_version_id
               JOIN funding.funding_program p ON p.id = v.program_id
               CROSS JOIN LATERAL jsonb_array_elements_text(c.reached) AS milestone
               WHERE NOT EXISTS (
                   SELECT FROM learning.enrollments_milestone m
                   JOIN learning.enrollments_measureuse u ON u.measure = m.measure AND u.catalogue = p.catalogue
                        AND u.use = 'funding' AND u.claimant = p.code
                   WHERE m.code = milestone)) THEN
        RAISE EXCEPTION 'a program pays on a milestone only when it has taken the measure that the milestone attests'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pays_by_right AFTER INSERT ON funding.funding_pricedcase
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funding.check_paid_measures();
