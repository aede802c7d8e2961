-- Who writes a policy does not approve it, and what is released is, byte for byte, what two others approved.
-- A program's draft is what was written since its last released revision. The row of the newest revision is what an edit,
-- an approval and a release wait for, so that of two at once the second sees what the first has done.

CREATE OR REPLACE FUNCTION funding.check_revision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    newest integer;
BEGIN
    PERFORM FROM funding.funding_policyrevision WHERE program_code = NEW.program_code ORDER BY number DESC LIMIT 1 FOR NO KEY UPDATE;
    SELECT coalesce(max(number), 0) INTO newest FROM funding.funding_policyrevision WHERE program_code = NEW.program_code;
    IF NEW.number IS DISTINCT FROM newest + 1 THEN
        RAISE EXCEPTION 'the next revision of % has the number %', NEW.program_code, newest + 1 USING ERRCODE = 'check_violation';
    ELSIF NEW.content_sha256 IS DISTINCT FROM encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the hash of a revision is the SHA-256 of its text' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER follows_the_newest BEFORE INSERT ON funding.funding_policyrevision
    FOR EACH ROW EXECUTE FUNCTION funding.check_revision();

-- Whether somebody wrote any revision of the draft that a revision belongs to.
CREATE OR REPLACE FUNCTION funding.wrote_the_draft(person bigint, revision funding.funding_policyrevision)
RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM funding.funding_policyrevision r
        WHERE r.program_code = revision.program_code AND r.number <= revision.number AND r.written_by = person
          AND r.number > (SELECT coalesce(max(d.number), 0) FROM funding.funding_policyrevision d
                          JOIN funding.funding_policyversion v ON v.revision_id = d.id
                          WHERE d.program_code = revision.program_code AND d.number < revision.number))
$$;

CREATE OR REPLACE FUNCTION funding.check_approval() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    approved funding.funding_policyrevision;
BEGIN
    SELECT * INTO approved FROM funding.funding_policyrevision WHERE id = NEW.revision_id FOR SHARE;
    IF approved.id IS NULL THEN
        RAISE EXCEPTION 'an approval names a revision that is on file' USING ERRCODE = 'foreign_key_violation';
    ELSIF EXISTS (SELECT FROM funding.funding_policyrevision r
                  WHERE r.program_code = approved.program_code AND r.number > approved.number) THEN
        RAISE EXCEPTION 'revision % of % was edited since; the newest is approved', approved.number, approved.program_code
            USING ERRCODE = 'check_violation';
    ELSIF NEW.content_sha256 IS DISTINCT FROM approved.content_sha256 THEN
        RAISE EXCEPTION 'an approval names the hash of the revision that it approves' USING ERRCODE = 'check_violation';
    ELSIF funding.wrote_the_draft(NEW.approved_by, approved) THEN
        RAISE EXCEPTION 'nobody approves a draft of which the same person wrote any revision' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER by_somebody_else BEFORE INSERT ON funding.funding_policyapproval
    FOR EACH ROW EXECUTE FUNCTION funding.check_approval();

CREATE OR REPLACE FUNCTION funding.check_release() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    released funding.funding_policyrevision;
BEGIN
    SELECT * INTO released FROM funding.funding_policyrevision WHERE id = NEW.revision_id FOR NO KEY UPDATE;
    IF released.id IS NULL THEN
        RAISE EXCEPTION 'a policy is released from a revision that is on file' USING ERRCODE = 'foreign_key_violation';
    ELSIF EXISTS (SELECT FROM funding.funding_policyrevision r
                  WHERE r.program_code = released.program_code AND r.number > released.number) THEN
        RAISE EXCEPTION 'revision % of % was edited since; the newest is released', released.number, released.program_code
            USING ERRCODE = 'check_violation';
    ELSIF (NEW.content, NEW.content_sha256, NEW.in_force_from)
          IS DISTINCT FROM (released.content, released.content_sha256, released.in_force_from)
          OR NOT EXISTS (SELECT FROM funding.funding_program p WHERE p.id = NEW.program_id AND p.code = released.program_code) THEN
        RAISE EXCEPTION 'a released policy is its revision, byte for byte, of the same program and day'
            USING ERRCODE = 'check_violation';
    ELSIF (SELECT count(DISTINCT a.approved_by) FROM funding.funding_policyapproval a
           WHERE a.revision_id = released.id AND a.content_sha256 = released.content_sha256
             AND NOT funding.wrote_the_draft(a.approved_by, released)) < 2 THEN
        RAISE EXCEPTION 'a policy is released by two people''s approval of its newest revision' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER approved_by_two BEFORE INSERT ON funding.funding_policyversion
    FOR EACH ROW EXECUTE FUNCTION funding.check_release();
