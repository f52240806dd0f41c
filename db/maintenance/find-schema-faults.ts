import { getTableColumns } from 'drizzle-orm';
import type { Database } from '../client.js';
import { toDatabaseError } from '../errors.js';
import { deliveryAttempts, webhookConfigs } from '../schema.js';

export type SchemaFault =
  /** None of our tables is to be seen. */
  | 'no_schema'
  /** Columns that this release reads or writes are missing: its migrations have not run. */
  | 'migrations_missing'
  | 'privileges_missing'
  /** The role sees every account: a superuser, the owner or one that bypasses row level security. */
  | 'not_held_by_row_level_security'
  /** Rows of next week would go to the default partition. */
  | 'no_partition_for_next_week';

const FACTS = `
  SELECT coalesce(bool_and(has_table_privilege(t, p)), false) AS privileges,
         (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user)
           OR pg_has_role(current_user, 'hook_owner', 'MEMBER') AS unbound,
         to_regclass('hook.delivery_attempts_' || to_char(date_trunc('week', now() AT TIME ZONE 'UTC') + interval '7 days', 'YYYYMMDD'))
           IS NOT NULL AS partition,
         (SELECT array_agg(c.relname || '.' || a.attname) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
          WHERE a.attrelid = ANY (ARRAY[to_regclass('hook.delivery_attempts'), to_regclass('hook.webhook_configs')])
            AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM unnest(ARRAY[to_regclass('hook.delivery_attempts'), to_regclass('hook.webhook_configs')]) AS t,
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p`;

interface Facts {
  readonly privileges: boolean;
  readonly unbound: boolean;
  readonly partition: boolean;
  readonly columns: string[] | null;
}

/** What is wrong with the database in the eyes of the role that asks; empty when all is well. @throws DatabaseError */
export async function findSchemaFaults(db: Database): Promise<SchemaFault[]> {
  const { rows } = await db.query<Facts>(FACTS).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  const { privileges = false, unbound = false, partition = false, columns = null } = rows[0] ?? {};
  if (columns === null) return ['no_schema'];
  const faults: [SchemaFault, boolean][] = [
    ['migrations_missing', expectedColumns().some((name) => !columns.includes(name))],
    ['privileges_missing', !privileges],
    ['not_held_by_row_level_security', unbound],
    ['no_partition_for_next_week', !partition],
  ];
  return faults.flatMap(([fault, found]) => (found ? [fault] : []));
}

const expectedColumns = (): string[] => [
  ...Object.values(getTableColumns(deliveryAttempts)).map(({ name }) => `delivery_attempts.${name}`),
  ...Object.values(getTableColumns(webhookConfigs)).map(({ name }) => `webhook_configs.${name}`),
];
