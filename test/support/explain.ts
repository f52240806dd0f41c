import type { Database } from '../../db/client.js';

interface PlanNode {
  'Relation Name'?: string;
  'Actual Loops'?: number;
  Plans?: PlanNode[];
}

interface Statement {
  text: string;
  values: unknown[];
}

/**
 * Runs `work` with a database that explains each prepared statement while it executes it, under the plan that serves every
 * parameter. Answers the tables that were really read or written, without those that were pruned.
 */
export async function tablesTouched(db: Database, work: (db: Database) => Promise<unknown>): Promise<string[]> {
  const plans: PlanNode[] = [];
  const connect = async () => {
    const client = await db.connect();
    await client.query(`SET plan_cache_mode = force_generic_plan`);
    const query = async (statement: string | Statement) => {
      if (typeof statement === 'string') return await client.query(statement);
      const text = `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`;
      const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(text, statement.values);
      plans.push(...(rows[0]?.['QUERY PLAN'] ?? []).map(({ Plan }) => Plan));
      return { rows: [], rowCount: 0 };
    };
    return { query, release: () => client.release(true) };
  };
  await work({ connect } as unknown as Database);
  return [...new Set(plans.flatMap(executed))].sort();
}

function executed(node: PlanNode): string[] {
  const { 'Relation Name': relation, 'Actual Loops': loops = 0, Plans: inner = [] } = node;
  return [...(relation !== undefined && loops > 0 ? [relation] : []), ...inner.flatMap(executed)];
}
