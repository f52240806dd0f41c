-- For `webhookctl reconcile` over all accounts. Run it as a database administrator, connected to the service's database, after the
-- migrations. May be run again. Then: ALTER ROLE hook_reconciliation PASSWORD '…'; and DATABASE_URL of the job names hook_reconciliation.
--
-- Row level security shows the service only accounts that it names, and there is no list of all accounts. A reconciliation without
-- an account would find no difference in it. So the command has a role of its own. It reads the state of every delivery, but no
-- payload, answer, URL or secret, and it cannot write.

BEGIN;
-- CREATE POLICY locks the table for a moment. Behind another long transaction, this lock must not make the service wait.
SET LOCAL lock_timeout = '2s';

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hook_reconciliation') THEN
    CREATE ROLE hook_reconciliation LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 4;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO hook_reconciliation', current_database());
END $$;

ALTER ROLE hook_reconciliation SET search_path = pg_catalog, pg_temp;
ALTER ROLE hook_reconciliation SET default_transaction_read_only = on;
ALTER ROLE hook_reconciliation SET statement_timeout = '30s';
ALTER ROLE hook_reconciliation SET log_error_verbosity = 'terse';
ALTER ROLE hook_reconciliation SET log_parameter_max_length = 0;
ALTER ROLE hook_reconciliation SET log_parameter_max_length_on_error = 0;

GRANT USAGE ON SCHEMA hook TO hook_reconciliation;
GRANT SELECT (delivery_id, attempt_number, account_id, is_latest, status, outcome, next_attempt_at, workflow_id)
  ON hook.delivery_attempts TO hook_reconciliation;

DROP POLICY IF EXISTS reconciliation_of_all_accounts ON hook.delivery_attempts;
CREATE POLICY reconciliation_of_all_accounts ON hook.delivery_attempts FOR SELECT TO hook_reconciliation USING (true);
COMMIT;
