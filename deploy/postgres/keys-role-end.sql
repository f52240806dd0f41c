-- After `npm run keys -- reencrypt`, by a database administrator, connected to the service's database: takes away all that
-- keys-role.sql gave.

BEGIN;
SET LOCAL lock_timeout = '2s';
DROP POLICY IF EXISTS envelopes_of_all_accounts ON hook.webhook_configs;
-- Its grants in this database. It owns nothing.
DROP OWNED BY hook_keys;
DROP ROLE hook_keys;
COMMIT;
