import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  ATTEMPT_ERROR_CODES,
  ATTEMPT_STATUSES,
  DELIVERY_OUTCOMES,
  DELIVERY_STATUSES,
  OUTCOME_REASONS,
} from '../../../domain/delivery/statuses.js';
import { WEBHOOK_STATUSES } from '../../../domain/delivery/webhook-status.js';
import { packageRoot } from '../../../local/process/package-root.js';

const read = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const spans = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);

/** The first column of the table under a header cell, without its backticks. */
function firstColumn(path: string, header: string): string[] {
  const lines = read(path).split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${header} `));
  const rows = lines.slice(start + 2, lines.indexOf('', start));
  return rows.map((row) => spans(row)[0] ?? '');
}

test('docs/api.md has a row for each delivery status and each outcome reason, and no other', () => {
  expect(firstColumn('docs/api.md', 'Status')).toEqual(DELIVERY_STATUSES);
  expect(firstColumn('docs/api.md', '`outcomeReason`')).toEqual(OUTCOME_REASONS);
});

test.each([
  ['ARCHITECTURE.md', 'outcome', DELIVERY_OUTCOMES],
  ['docs/api.md', 'attempt status', ATTEMPT_STATUSES],
  ['docs/customer-guide.md', 'error code', ATTEMPT_ERROR_CODES],
] as const)('%s names every %s', (path, _, members) => {
  const named = new Set(spans(read(path)));
  expect(members.filter((member) => !named.has(member))).toEqual([]);
});

interface Snapshot {
  readonly tables: Readonly<Record<string, { checkConstraints: Record<string, { value: string }> }>>;
}

/** The CHECK constraints after the newest migration, by name. */
function newestConstraints(): Record<string, { value: string }> {
  const folder = 'db/migrations/meta';
  const [newest = ''] = readdirSync(join(packageRoot(), folder))
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .reverse();
  const { tables } = JSON.parse(read(join(folder, newest))) as Snapshot;
  return Object.assign({}, ...Object.values(tables).map(({ checkConstraints }) => checkConstraints));
}

test.each([
  ['delivery_attempts_status', ATTEMPT_STATUSES],
  ['delivery_attempts_outcome', DELIVERY_OUTCOMES],
  ['webhook_configs_status', WEBHOOK_STATUSES],
] as const)('the newest migration lets %s hold the members of its set and no others', (name, members) => {
  const held = [...(newestConstraints()[name]?.value ?? '').matchAll(/'([^']+)'/g)].map(([, member]) => member);
  expect(held).toEqual(members);
});
