import { getTableColumns } from 'drizzle-orm';
import type { Database } from '../client.js';
import { toDatabaseError } from '../errors.js';
import { deliveryAttempts, webhookConfigs } from '../schema.js';

export type SchemaFault =
  /** None of our tables exists, or the role cannot see them. */
  | 'no_schema'
  /** Columns that this release reads or writes are missing: its migrations have not run. */
  | 'migrations_missing'
  | 'privileges_missing'
  /** The role sees every account: it is a superuser, a member of the owner's role, or bypasses row level security. */
  | 'not_held_by_row_level_security'
  /** Next week's rows would go to the default partition. */
  | 'no_partition_for_next_week';

const SCHEMA_FACTS_SQL = `
  SELECT coalesce(bool_and(has_table_privilege(t, p)), false) AS privileges,
         (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user)
           OR pg_has_role(current_user, 'hook_owner', 'MEMBER') AS bypasses_row_level_security,
         to_regclass('hook.delivery_attempts_' || to_char(date_trunc('week', now() AT TIME ZONE 'UTC') + interval '7 days', 'YYYYMMDD'))
           IS NOT NULL AS partition,
         (SELECT array_agg(c.relname || '.' || a.attname) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
          WHERE a.attrelid = ANY (ARRAY[to_regclass('hook.delivery_attempts'), to_regclass('hook.webhook_configs')])
            AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM unnest(ARRAY[to_regclass('hook.delivery_attempts'), to_regclass('hook.webhook_configs')]) AS t,
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p`;

interface SchemaFacts {
  readonly privileges: boolean;
  readonly bypasses_row_level_security: boolean;
  readonly partition: boolean;
  readonly columns: string[] | null;
}

/** Lists the faults of the database that the role of this connection can see; empty when there are none. @throws DatabaseError */
export async function findSchemaFaults(db: Database): Promise<SchemaFault[]> {
  const { rows } = await db.query<SchemaFacts>(SCHEMA_FACTS_SQL).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  const { privileges = false, partition = false, columns = null, bypasses_row_level_security = false } = rows[0] ?? {};
  if (columns === null) return ['no_schema'];
  const faults: [SchemaFault, boolean][] = [
    ['migrations_missing', expectedColumns().some((name) => !columns.includes(name))],
    ['privileges_missing', !privileges],
    ['not_held_by_row_level_security', bypasses_row_level_security],
    ['no_partition_for_next_week', !partition],
  ];
  return faults.flatMap(([fault, isPresent]) => (isPresent ? [fault] : []));
}

const expectedColumns = (): string[] => [
  ...Object.values(getTableColumns(deliveryAttempts)).map(({ name }) => `delivery_attempts.${name}`),
  ...Object.values(getTableColumns(webhookConfigs)).map(({ name }) => `webhook_configs.${name}`),
];
