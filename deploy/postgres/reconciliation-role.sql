-- For `webhookctl reconcile` over all accounts, by a database administrator, connected to the service's database, after the
-- migrations. May be run again. Then: ALTER ROLE hook_reconciliation PASSWORD '…'; and DATABASE_URL of the job names hook_reconciliation.
--
-- Row level security shows the service only accounts that it names, and nobody keeps a list of all of them; books that left out
-- an account would balance. So whoever compares has a role of its own: it reads how every delivery stands, and no payload, no
-- answer, no URL and no secret, and it writes nothing.

BEGIN;
-- A policy needs the table for a moment: behind a long transaction of somebody else it must not make the service wait.
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
