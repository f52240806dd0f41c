import type { Database } from '../../db/client.js';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Loops'?: number;
  'Actual Rows'?: number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  'Temp Written Blocks'?: number;
  Plans?: PlanNode[];
}

interface Statement {
  text: string;
  values?: unknown[];
}

/** One statement as it was executed. */
export interface ExecutedPlan {
  /** Tables that the statement read or wrote, without pruned partitions. */
  tables: string[];
  /** Ways in which tables were scanned, such as `Index Scan`, and what else was done, such as `Sort`. */
  nodes: string[];
  /** Pages of the shared buffers that it touched, found there or read. */
  buffers: number;
  /** Pages of temporary files, used when `work_mem` is too small. */
  spilled: number;
  /** Rows read from tables, including rows that a filter dropped. */
  rowsRead: number;
}

/**
 * Runs `work` with a database that explains each statement while it executes it, so `work` gets no rows. `generic`: under the
 * plan that serves every parameter, as prepared statements get it.
 */
export async function plansOf(
  db: Database,
  work: (db: Database) => Promise<unknown>,
  { generic = false } = {},
): Promise<ExecutedPlan[]> {
  const plans: ExecutedPlan[] = [];
  const connect = async () => {
    const client = await db.connect();
    if (generic) await client.query(`SET plan_cache_mode = force_generic_plan`);
    const query = async (statement: string | Statement, values?: unknown[]) => {
      if (typeof statement === 'string') return await client.query(statement);
      const text = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement.text}`;
      const parameters = statement.values ?? values ?? [];
      const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(text, parameters);
      plans.push(...(rows[0]?.['QUERY PLAN'] ?? []).map(({ Plan }) => planOf(Plan)));
      return { rows: [], rowCount: 0 };
    };
    return { query, release: () => client.release(true) };
  };
  await work({ connect } as unknown as Database);
  return plans;
}

/** As `plansOf`: the tables that prepared statements touch, all of them together. */
export async function tablesTouched(db: Database, work: (db: Database) => Promise<unknown>): Promise<string[]> {
  const plans = await plansOf(db, work, { generic: true });
  return [...new Set(plans.flatMap(({ tables }) => tables))].sort();
}

function planOf(root: PlanNode): ExecutedPlan {
  const nodes = executed(root);
  return {
    tables: [...new Set(nodes.flatMap(({ 'Relation Name': relation }) => relation ?? []))].sort(),
    nodes: [...new Set(nodes.map((node) => node['Node Type']))].sort(),
    buffers: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0),
    spilled: root['Temp Written Blocks'] ?? 0,
    rowsRead: nodes.reduce((sum, node) => sum + rowsRead(node), 0),
  };
}

function executed(node: PlanNode): PlanNode[] {
  const { 'Actual Loops': loops = 0, Plans: inner = [] } = node;
  return [...(loops > 0 ? [node] : []), ...inner.flatMap(executed)];
}

function rowsRead(node: PlanNode): number {
  const { 'Actual Loops': loops = 0, 'Actual Rows': kept = 0, 'Rows Removed by Filter': dropped = 0 } = node;
  return node['Relation Name'] === undefined ? 0 : loops * (kept + dropped);
}
