#!/bin/sh
# Creates Temporal's two databases and updates their schema. May be run again: it does not touch existing databases and applied
# versions. Connection by SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD.
set -eu

schemas="${SCHEMAS:-/etc/temporal/schema/postgresql/v12}"

setup() {
  database="$1"
  temporal-sql-tool --plugin postgres12_pgx --database "$database" create-database
  temporal-sql-tool --plugin postgres12_pgx --database "$database" setup-schema --version 0.0
  temporal-sql-tool --plugin postgres12_pgx --database "$database" update-schema --schema-dir "$schemas/$2/versioned"
}

setup "${TEMPORAL_DATABASE:-temporal}" temporal
setup "${TEMPORAL_VISIBILITY_DATABASE:-temporal_visibility}" visibility
