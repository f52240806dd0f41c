-- Run it after `npm run keys -- reencrypt`, as a database administrator, connected to the service's database. It removes everything
-- that keys-role.sql created.

BEGIN;
SET LOCAL lock_timeout = '2s';
DROP POLICY IF EXISTS envelopes_of_all_accounts ON hook.webhook_configs;
-- Removes its grants in this database. The role owns no object.
DROP OWNED BY hook_keys;
DROP ROLE hook_keys;
COMMIT;
