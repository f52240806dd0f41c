-- Run it before `npm run keys -- reencrypt`, as a database administrator, connected to the service's database. May be run again.
-- Then: ALTER ROLE hook_keys PASSWORD '…'; and DATABASE_URL of the job names hook_keys. Afterwards: keys-role-end.sql.
--
-- Row level security shows the service only accounts that it names, and there is no list of all accounts. A list from an operator
-- could miss an account, and its secrets would be lost with the old master key. So the job has a role of its own. It sees every
-- account, but of each webhook only the ids and the envelopes, and no other table. It exists only while keys are changed.

BEGIN;
-- CREATE POLICY locks the table for a moment. Behind another long transaction, this lock must not make the service wait.
SET LOCAL lock_timeout = '2s';

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hook_keys') THEN
    CREATE ROLE hook_keys LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 4;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO hook_keys', current_database());
END $$;

ALTER ROLE hook_keys SET search_path = pg_catalog, pg_temp;
ALTER ROLE hook_keys SET log_error_verbosity = 'terse';
ALTER ROLE hook_keys SET log_parameter_max_length = 0;
ALTER ROLE hook_keys SET log_parameter_max_length_on_error = 0;

GRANT USAGE ON SCHEMA hook TO hook_keys;
GRANT SELECT (id, account_id, secret_enc, secret_prev_enc), UPDATE (secret_enc, secret_prev_enc) ON hook.webhook_configs TO hook_keys;

DROP POLICY IF EXISTS envelopes_of_all_accounts ON hook.webhook_configs;
CREATE POLICY envelopes_of_all_accounts ON hook.webhook_configs TO hook_keys USING (true) WITH CHECK (true);
COMMIT;
