-- Funds: money that is there only once. A movement is one row; what stands in its fund follows in the same statement, or
-- refuses it by the fund's own CHECKs. Nobody writes the figures otherwise, the owner included.

CREATE OR REPLACE FUNCTION funding.move_money() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cents CONSTANT bigint := NEW.amount_cents;
    item_limit bigint;
    item_spent bigint;
BEGIN
    -- Both funds of a transfer are held in the order of their ids, so that two which cross do not wait for each other.
    PERFORM FROM funding.funding_fund WHERE id IN (NEW.fund_id, NEW.to_fund_id) ORDER BY id FOR NO KEY UPDATE;
    IF NEW.kind IN ('deposit', 'reserve', 'transfer') AND EXISTS (
        SELECT FROM funding.funding_fund WHERE id IN (NEW.fund_id, NEW.to_fund_id) AND expires_on < NEW.business_date) THEN
        RAISE EXCEPTION 'a fund of the % expired before %', NEW.kind, NEW.business_date USING ERRCODE = 'check_violation';
    END IF;
    UPDATE funding.funding_fund SET
        free_cents = free_cents + CASE WHEN NEW.kind IN ('deposit', 'release', 'refund') THEN cents
                                       WHEN NEW.kind IN ('reserve', 'transfer', 'expire') THEN -cents ELSE 0 END,
        reserved_cents = reserved_cents + CASE NEW.kind WHEN 'reserve' THEN cents WHEN 'release' THEN -cents
                                                        WHEN 'spend' THEN -cents ELSE 0 END,
        spent_cents = spent_cents + CASE NEW.kind WHEN 'spend' THEN cents WHEN 'refund' THEN -cents ELSE 0 END
    WHERE id = NEW.fund_id RETURNING item_limit_cents INTO item_limit;
    IF NEW.kind = 'transfer' THEN
        UPDATE funding.funding_fund SET free_cents = free_cents + cents
        WHERE id = NEW.to_fund_id AND program_id = (SELECT program_id FROM funding.funding_fund WHERE id = NEW.fund_id);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a transfer stays within one program' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.kind IN ('spend', 'refund') THEN
        -- First the row, then the change: of a conflicting row the CHECK would be asked about the change alone.
        INSERT INTO funding.funding_funditem (fund_id, item, spent_cents) VALUES (NEW.fund_id, NEW.item, 0) ON CONFLICT DO NOTHING;
        UPDATE funding.funding_funditem SET spent_cents = spent_cents + CASE NEW.kind WHEN 'spend' THEN cents ELSE -cents END
        WHERE fund_id = NEW.fund_id AND item = NEW.item RETURNING spent_cents INTO item_spent;
        IF item_spent > item_limit AND NEW.kind = 'spend' THEN
            RAISE EXCEPTION 'a fund spends no more than its limit on one item' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER moves_money AFTER INSERT ON funding.funding_fundmovement
    FOR EACH ROW EXECUTE FUNCTION funding.move_money();

-- At depth 0 a statement of somebody's, and not the trigger above.
CREATE OR REPLACE TRIGGER moved_by_movements BEFORE UPDATE OF free_cents, reserved_cents, spent_cents ON funding.funding_fund
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER moved_by_movements BEFORE INSERT OR UPDATE ON funding.funding_funditem
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER opened_empty BEFORE INSERT ON funding.funding_fund
    FOR EACH ROW WHEN ((NEW.free_cents, NEW.reserved_cents, NEW.spent_cents) <> (0, 0, 0)) EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OF program_id, kind, code, fiscal_year, holder_id, item_limit_cents,
    lifetime_limit_cents, expires_on ON funding.funding_fund FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON funding.funding_fundmovement
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER kept BEFORE DELETE OR TRUNCATE ON funding.funding_fund
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE OR REPLACE TRIGGER kept BEFORE DELETE OR TRUNCATE ON funding.funding_funditem
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
