-- Run it once, as a database administrator, connected to the service's database. May be run again.
-- Passwords (or certificate maps) are set outside of this file: ALTER ROLE hook_migrate PASSWORD '…'; ALTER ROLE hook_svc PASSWORD '…';

DO $$
BEGIN
  -- Owns every object. It has no login.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hook_owner') THEN
    CREATE ROLE hook_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  -- The migrate job: may become hook_owner, and has no other rights.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hook_migrate') THEN
    CREATE ROLE hook_migrate LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  -- The service: reads and writes two tables (granted by the migrations) and nothing else.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hook_svc') THEN
    CREATE ROLE hook_svc LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 60;
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO hook_migrate, hook_svc', current_database());
  -- The migrator runs CREATE SCHEMA IF NOT EXISTS. PostgreSQL checks this right even if the schema exists.
  EXECUTE format('GRANT CREATE ON DATABASE %I TO hook_owner', current_database());
END $$;

GRANT hook_owner TO hook_migrate;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS hook AUTHORIZATION hook_owner;
GRANT USAGE ON SCHEMA hook TO hook_svc;
ALTER DEFAULT PRIVILEGES FOR ROLE hook_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

ALTER ROLE hook_svc SET search_path = pg_catalog, pg_temp;
ALTER ROLE hook_svc SET statement_timeout = '5s';
ALTER ROLE hook_svc SET lock_timeout = '2s';
ALTER ROLE hook_svc SET idle_in_transaction_session_timeout = '10s';
-- By default the server's log prints the whole failing row, including the payload.
ALTER ROLE hook_svc SET log_error_verbosity = 'terse';
ALTER ROLE hook_svc SET log_parameter_max_length = 0;
ALTER ROLE hook_svc SET log_parameter_max_length_on_error = 0;
