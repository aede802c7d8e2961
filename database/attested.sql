-- Guards of what is attested: milestones and needs, whose rows state and void each other as completions do.

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
