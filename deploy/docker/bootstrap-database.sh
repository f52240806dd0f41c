#!/bin/sh
# Run it once per database server, as its administrator. It may be run again. It creates the service's roles, their passwords,
# and a role that may create Temporal's two databases. Connection by PGHOST, PGUSER, PGPASSWORD and PGDATABASE.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file "${ROLES_FILE:-/sql/roles.sql}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --set "migrate=${HOOK_MIGRATE_PASSWORD:?}" \
  --set "service=${HOOK_SVC_PASSWORD:?}" \
  --set "temporal=${TEMPORAL_DB_PASSWORD:?}" <<'SQL'
ALTER ROLE hook_migrate PASSWORD :'migrate';
ALTER ROLE hook_svc PASSWORD :'service';
SELECT 'CREATE ROLE temporal LOGIN CREATEDB' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'temporal') \gexec
ALTER ROLE temporal PASSWORD :'temporal';
SQL
echo 'roles and passwords are set'
