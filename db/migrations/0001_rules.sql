-- What db/schema.ts cannot say: partitions, the ten-webhook limit, row level security, grants.

-- Nothing may be lost because nobody ran the maintenance: rows of a week without a partition wait here.
CREATE TABLE hook.delivery_attempts_default PARTITION OF hook.delivery_attempts DEFAULT;
--> statement-breakpoint
-- Weekly partitions of the attempts. A UUIDv7 begins with 48 bits of Unix milliseconds, so a week is a range of ids,
-- one delivery lives in one partition, and retention is dropping a table.
CREATE FUNCTION hook.ensure_attempt_partitions(first_day date, weeks int) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  monday date := date_trunc('week', first_day)::date;
  made int := 0;
  partition text;
  bound text[];
BEGIN
  FOR i IN 0 .. weeks - 1 LOOP
    partition := 'delivery_attempts_' || to_char(monday + 7 * i, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('hook.' || partition) IS NOT NULL;
    SELECT array_agg(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-0000-0000-000000000000' ORDER BY h) INTO bound
    FROM (SELECT lpad(to_hex((extract(epoch FROM (monday + 7 * w)::timestamp AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') AS h
          FROM generate_series(i, i + 1) AS w) AS edge;
    -- Rows that came before their partition wait in the default one, and PostgreSQL refuses a partition that should have them.
    LOCK TABLE hook.delivery_attempts_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE hook.%I (LIKE hook.delivery_attempts INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
    EXECUTE format('WITH late AS (DELETE FROM hook.delivery_attempts_default WHERE delivery_id >= %L AND delivery_id < %L RETURNING *)
      INSERT INTO hook.%I SELECT * FROM late', bound[1], bound[2], partition);
    EXECUTE format('ALTER TABLE hook.delivery_attempts ATTACH PARTITION hook.%I FOR VALUES FROM (%L) TO (%L)', partition, bound[1], bound[2]);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
--> statement-breakpoint
-- Two weeks back (the stream keeps messages for one), eight ahead. `npm run migrate` asks again each time it runs.
SELECT hook.ensure_attempt_partitions((now() - interval '14 days')::date, 10);
--> statement-breakpoint
-- At most ten live webhooks an account. The advisory lock makes writers of one account take turns until they commit;
-- under READ COMMITTED the count then sees what the previous one committed. An older snapshot would not, hence the refusal.
CREATE FUNCTION hook.enforce_webhook_limit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  live int;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.account_id = OLD.account_id AND (NEW.deleted_at IS NOT NULL OR OLD.deleted_at IS NULL) THEN
    RETURN NEW; -- neither a move to another account nor a revival
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the webhook limit needs READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('hook.webhook_configs.limit:' || NEW.account_id::text, 0));
  SELECT count(*) INTO live FROM hook.webhook_configs w
  WHERE w.account_id = NEW.account_id AND w.deleted_at IS NULL AND w.id <> NEW.id;
  IF live >= 10 THEN
    RAISE EXCEPTION 'webhook limit reached' USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA,
      TABLE = TG_TABLE_NAME, CONSTRAINT = 'webhook_configs_max_10_per_account';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER webhook_limit BEFORE INSERT OR UPDATE OF account_id, deleted_at ON hook.webhook_configs
  FOR EACH ROW EXECUTE FUNCTION hook.enforce_webhook_limit();
--> statement-breakpoint
-- Row level security is the second line behind explicit account conditions. The setting is a list, because one batch of
-- the bridge writes for several accounts; after a transaction it reads as '', which NULLIF turns into "no account".
ALTER TABLE hook.webhook_configs ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE hook.webhook_configs FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE hook.delivery_attempts ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE hook.delivery_attempts FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY of_the_accounts_at_hand ON hook.webhook_configs TO hook_svc
  USING (account_id = ANY ((SELECT string_to_array(NULLIF(current_setting('hook.account_ids', true), ''), ','))::uuid[]))
  WITH CHECK (account_id = ANY ((SELECT string_to_array(NULLIF(current_setting('hook.account_ids', true), ''), ','))::uuid[]));
--> statement-breakpoint
CREATE POLICY of_the_accounts_at_hand ON hook.delivery_attempts TO hook_svc
  USING (account_id = ANY ((SELECT string_to_array(NULLIF(current_setting('hook.account_ids', true), ''), ','))::uuid[]))
  WITH CHECK (account_id = ANY ((SELECT string_to_array(NULLIF(current_setting('hook.account_ids', true), ''), ','))::uuid[]));
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON hook.webhook_configs, hook.delivery_attempts TO hook_svc;
