import { describe, expect, test } from '@jest/globals';

import { findClosedSets, findPlaces, type Place } from './closed-sets.js';
import { readCompiledFiles } from './exported-names.js';

interface Allowed {
  readonly place: string;
  readonly reason: string;
}

/** Places that may spell members of a set, and why. A place that is no longer found must be taken out. */
const ALLOWED: readonly Allowed[] = [
  {
    place: 'api/present.ts: succeeded, failed of ATTEMPT_STATUSES',
    reason:
      "The names are counts of finished requests. Attempts without a request are not part of an endpoint's health.",
  },
  {
    place: 'contracts/rest/operations/task-operations.ts: failed, skipped of ATTEMPT_STATUSES',
    reason: 'The words stand in a sentence for customers.',
  },
  {
    place: 'contracts/rest/problem.ts: paused, canceled of REPLAY_TASK_STATES',
    reason: 'The words stand in a sentence for customers.',
  },
  {
    place: 'contracts/rest/task.ts: dead_lettered, skipped_disabled of DELIVERY_OUTCOMES',
    reason: 'The default is a choice: canceled deliveries are replayed only on request.',
  },
  {
    place: 'db/delivery-path/record-deliveries.ts: pending, skipped of ATTEMPT_STATUSES',
    reason: 'The statement decides between these two: the endpoint is enabled or disabled.',
  },
  {
    place: 'db/delivery-path/set-outcomes.ts: pending, skipped, canceled of ATTEMPT_STATUSES',
    reason: 'The statement decides how a pending attempt ends without a request.',
  },
  {
    place: 'db/delivery-path/to-recorded-delivery.ts: pending, skipped of ATTEMPT_STATUSES',
    reason: 'The rows of one statement have one of these two statuses.',
  },
  {
    place: 'db/queries/delivery-health.ts: succeeded, failed of ATTEMPT_STATUSES',
    reason: 'Health counts finished requests. Attempts without a request are not part of it.',
  },
  {
    place: 'db/queries/reconciliation.ts: pending, succeeded, failed of ATTEMPT_STATUSES',
    reason: 'The rule says which status a row may have beside its outcome.',
  },
  {
    place: 'demo/recover-dead-letters.ts: running, paused of REPLAY_TASK_STATES',
    reason: 'The demo reads a task as a customer does, from the documents of the API.',
  },
  {
    place: 'keys/key-cache.ts: timeout, network of CONNECTION_ERROR_CODES',
    reason: 'Codes of the key service share two words with the codes of a request. They are a set of their own.',
  },
  {
    place: 'keys/key-errors.ts: timeout, network of CONNECTION_ERROR_CODES',
    reason: 'Codes of the key service share two words with the codes of a request. They are a set of their own.',
  },
  {
    place: 'local/customer/choose-answer.ts: reset, redirect, gone of ATTEMPT_ERROR_CODES',
    reason: 'Answers that the sample customer can be asked for. They share words with the codes of an attempt.',
  },
];

const describePlace = ({ path, members, set }: Place) => `${path}: ${members.join(', ')} of ${set}`;

test('a member of a closed set is spelled only by the file that owns the set, but for places with a reason', () => {
  const files = readCompiledFiles();
  const places = findPlaces(files, findClosedSets(files));
  // The lines are equal: they are shown beside a difference.
  const lines = places.map(({ path, line, kind }) => `${path}:${line} (${kind})`);
  const found = [...new Set(places.map(describePlace))].sort();
  expect({ lines, found }).toEqual({ lines, found: ALLOWED.map(({ place }) => place).sort() });
});

const OWNER = {
  path: 'domain/delivery/outcomes.ts',
  text: [
    "export const OUTCOMES = ['delivered', 'dead_lettered', 'canceled'] as const;",
    "export const STATUSES = ['pending', 'failed', 'canceled'] as const satisfies readonly string[];",
    "export const STATES = [...OUTCOMES, 'waiting'] as const;",
    "export const REPLAYABLE = ['dead_lettered', 'canceled'] as const satisfies readonly Outcome[];",
    'export type Outcome = (typeof OUTCOMES)[number];',
  ].join('\n'),
};

const RECORDS = {
  path: 'contracts/records.ts',
  text: 'export type Summary = Readonly<Record<Outcome, number>>; export type Some = { [key in Outcome]?: number };',
};

/** `kind set members` of every place in a file that does not own the sets. */
function placesIn(text: string, path = 'api/a.ts'): string[] {
  const places = findPlaces([OWNER, RECORDS, { path, text }], findClosedSets([OWNER]));
  return places.map(({ kind, set, members }) => `${kind} ${set} ${members.join(',')}`);
}

describe('closed sets', () => {
  test('are the exported lists in capitals, with the members that are spread into them', () => {
    expect(findClosedSets([OWNER]).map(({ name, members }) => [name, members])).toEqual([
      ['OUTCOMES', ['delivered', 'dead_lettered', 'canceled']],
      ['STATUSES', ['pending', 'failed', 'canceled']],
      ['STATES', ['delivered', 'dead_lettered', 'canceled', 'waiting']],
      ['REPLAYABLE', ['dead_lettered', 'canceled']],
    ]);
  });

  test.each([
    ['a private list', "const A = ['a', 'b'] as const;"],
    ['a list that may change', "export const A = ['a', 'b'];"],
    ['a list of other things', "export const A = ['a', f()] as const;"],
    ['a list of one', "export const A = ['a'] as const;"],
    ['a list in small letters', "export const list = ['a', 'b'] as const;"],
  ])('are not %s', (_, text) => {
    expect(findClosedSets([{ path: 'domain/a.ts', text }])).toEqual([]);
  });
});

describe('two members side by side are found in', () => {
  const both = 'OUTCOMES delivered,dead_lettered';
  test.each([
    ['a list', "const a = ['delivered', 'dead_lettered', 'other'];", `list ${both}`],
    ['a list that is looped over', "for (const a of ['delivered', 'dead_lettered']) f(a);", `list ${both}`],
    ['a zod enum', "z.enum(['delivered', 'dead_lettered'])", `list ${both}`],
    ['a zod union', "z.union([z.literal('delivered'), z.literal('dead_lettered')])", `list ${both}`],
    ['a map', "new Map([['delivered', 1], ['dead_lettered', 2]])", `list ${both}`],
    ['arguments', "choose('delivered', 'dead_lettered')", `list ${both}`],
    ['a list of fields', 'const a = [row.delivered, row.dead_lettered];', `list ${both}`],
    ['a list of texts', "const a = [`${sum('delivered')} a`, `${sum('dead_lettered')} b`];", `list ${both}`],
    ['a union', "type A = 'delivered' | 'dead_lettered';", `union ${both}`],
    ['a union that picks', "type A = Exclude<Outcome, 'delivered' | 'dead_lettered'>;", `union ${both}`],
    ['keys', 'const a = { delivered: 1, dead_lettered: 2 };', `keys ${both}`],
    ['keys as quoted names', "z.strictObject({ 'delivered': z.int(), dead_lettered: z.int() })", `keys ${both}`],
    [
      'keys that need not be all',
      'const a: Partial<Record<Outcome, 1>> = { delivered: 1, dead_lettered: 1 };',
      `keys ${both}`,
    ],
    ['keys of a type with optional ones', 'const a: Some = { delivered: 1, dead_lettered: 1 };', `keys ${both}`],
    [
      'keys of a record of any keys',
      'const a: Record<string, 1> = { delivered: 1, dead_lettered: 1 };',
      `keys ${both}`,
    ],
    ['an interface', 'interface A { delivered: number; dead_lettered: number }', `keys ${both}`],
    ['the type of an object', 'type A = { delivered: number; dead_lettered: number };', `keys ${both}`],
    ['a destructuring', 'const { delivered, dead_lettered: dead } = row;', `fields ${both}`],
    ['a sum', 'const a = b.delivered + (b.dead_lettered + 1);', `fields ${both}`],
    ['a comparison', "if (a === 'delivered' || b || a === 'dead_lettered') f();", `comparison ${both}`],
    ['a choice', "const a = b === 'delivered' ? 1 : b === 'dead_lettered' ? 2 : 3;", `comparison ${both}`],
    ['a check of SQL', "sql`outcome IN ('delivered', 'dead_lettered')`", `text ${both}`],
    ['counts of SQL', "q(\"count(*) FILTER (WHERE o = 'delivered'), sum(o = 'dead_lettered')\")", `text ${both}`],
    ['SQL around a value', "sql`o = 'delivered' AND ${a} OR o = 'dead_lettered'`", `text ${both}`],
    ['a help text', "option('--outcome <which>', 'delivered, dead_lettered or all')", `text ${both}`],
    ['a usage text', "const USAGE = 'list [--outcome delivered|dead_lettered]';", `text ${both}`],
    ['a template of fields', 'const a = `${b.delivered} and ${b.dead_lettered}`;', `text ${both}`],
  ])('%s', (_, text, place) => {
    expect(placesIn(text)).toEqual([place]);
  });
});

describe('nothing is found in', () => {
  test.each([
    ['a single member', "if (a === 'delivered') f({ delivered: 1 });"],
    ['members of two sets', "const a = ['pending', 'delivered'];"],
    ['a use of the list', 'const a = OUTCOMES.map((outcome) => counts[outcome]);'],
    [
      'keys that the compiler asks for',
      'const a: Record<Outcome, number> = { delivered: 1, dead_lettered: 2, canceled: 3 };',
    ],
    ['keys that satisfy a record', 'f({ delivered: 1, dead_lettered: 2 } satisfies Record<Outcome, 1 | 2>);'],
    ['keys of a named record', 'const a: Summary = { delivered: 1, dead_lettered: 2, canceled: 3 };'],
    ['keys of a mapped type', 'const a: { [key in Outcome]: 1 } = { delivered: 1, dead_lettered: 1, canceled: 1 };'],
    [
      'keys that a function returns',
      'function f(): Summary { return { delivered: 1, dead_lettered: 2, canceled: 3 }; }',
    ],
    ['keys that an arrow returns', 'const f = (): Summary => ({ delivered: 1, dead_lettered: 2, canceled: 3 });'],
    [
      'keys inside a record',
      'const a: Record<string, Summary> = { b: { delivered: 1, dead_lettered: 2, canceled: 3 } };',
    ],
    ['words of a sentence', "const a = 'What was delivered is never canceled again.';"],
    ['parts of longer words', "const a = 'un-delivered, dead_lettered_at';"],
    ['a switch, which the linter holds to the union', "switch (a) { case 'delivered': case 'canceled': f(); }"],
  ])('%s', (_, text) => {
    expect(placesIn(text)).toEqual([]);
  });

  test('the file that owns the set', () => {
    const text = `${OWNER.text}\nexport const isDead = (a: Outcome) => a === 'dead_lettered' || a === 'canceled';`;
    expect(findPlaces([{ path: OWNER.path, text }], findClosedSets([OWNER]))).toEqual([]);
  });
});

describe('a list that is a closed set of another file', () => {
  const findIn = (text: string) => {
    const files = [OWNER, { path: 'api/a.ts', text }];
    return findPlaces(files, findClosedSets(files)).map(({ path, set }) => `${path} ${set}`);
  };

  test('is found where it adds nothing', () => {
    expect(findIn("export const ENDED = ['delivered', 'canceled'] as const;")).toEqual(['api/a.ts OUTCOMES']);
  });

  test('is a set of its own where it does', () => {
    expect(findIn("export const ANSWERS = ['delivered', 'canceled', 'refused'] as const;")).toEqual([]);
  });

  test('is not found where it spreads the other', () => {
    expect(findIn("export const ALL = [...OUTCOMES, 'refused', 'ignored'] as const;")).toEqual([]);
  });
});
