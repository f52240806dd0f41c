import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidCiphertextException } from '@aws-sdk/client-kms';
import {
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import express, { type Response as Answer } from 'express';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fetch from 'node-fetch';
import request from 'supertest';
import { z } from 'zod';
import { redactFailures } from '../../../activities/redact-failures.js';
import { respondWithProblem } from '../../../api/problem-handler.js';
import { createLogger } from '../../../bin/process/logger.js';
import { toDatabaseError } from '../../../db/errors.js';
import { webhookConfigs } from '../../../db/schema.js';
import { isError, safeErr } from '../../../domain/security/safe-error.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const PHONE = `+999${Array.from(randomBytes(9), (byte) => byte % 10).join('')}`;
const ID = '0193a5f0-0000-7000-8000-000000000001';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to throw');
};
const query = (text: string, ...values: unknown[]) => thrownBy(() => database.admin.query(text, values));
const INSERT = 'INSERT INTO hook.webhook_configs (id, account_id, url, description, secret_enc, status) VALUES';
const parsed = (schema: z.ZodType, value: unknown, reportInput = false) =>
  schema.safeParse(value, { reportInput }).error;

/** The error that body-parser gives to an error handler, raw body included. */
async function bodyError(body: string): Promise<unknown> {
  let seen: unknown;
  const app = express().use(express.json(), (error: unknown, _request: unknown, response: Answer, _next: unknown) => {
    seen = error;
    response.end();
  });
  await request(app).post('/').type('json').send(body);
  return seen;
}

/** Errors of the libraries; `true` if the error itself contains its input. */
const CORPUS: [name: string, leaky: boolean, make: () => unknown][] = [
  ['pg, not null', true, () => query(`${INSERT} ($1, $1, NULL, $2, $3, 'enabled')`, ID, PHONE, SECRET)],
  ['pg, check', true, () => query(`${INSERT} ($1, $1, $2, $3, '', $4)`, ID, PHONE, SECRET, PHONE)],
  ['pg, no uuid', true, () => query('SELECT $1::uuid', SECRET)],
  ['pg, no number', true, () => query('SELECT $1::int', PHONE.slice(1))],
  ['pg, broken JSON', true, () => query('SELECT $1::text::jsonb', `{"to": "${PHONE}", ${SECRET}`)],
  ['pg, U+0000 in JSON', true, () => query('SELECT $1::text::jsonb', `{"to": "${PHONE}", "x": "\\u0000"}`)],
  [
    'drizzle',
    true,
    () =>
      thrownBy(() =>
        drizzle(database.admin)
          .insert(webhookConfigs)
          .values({ id: SECRET, accountId: ID, url: PHONE, secretEnc: Buffer.from(SECRET) }),
      ),
  ],
  ['zod', false, () => parsed(z.object({ to: z.number() }), { to: PHONE })],
  ['zod, an unknown key', true, () => parsed(z.strictObject({}), { [SECRET]: PHONE })],
  ['zod, reporting its input', true, () => parsed(z.object({ to: z.number() }), { to: PHONE }, true)],
  ['JSON', true, () => thrownBy(() => JSON.parse(SECRET.slice(0, 12)) as unknown)],
  ['URL', true, () => thrownBy(() => new URL(`//${SECRET}`))],
  ['fetch, refused', true, () => thrownBy(() => fetch(`http://127.0.0.1:1/?token=${encodeURIComponent(SECRET)}`))],
  ['fetch, credentials', true, () => thrownBy(() => fetch(`http://${PHONE}:${PHONE}@127.0.0.1:1/`))],
  ['body-parser', true, () => bodyError(`{"secret": "${SECRET}`)],
  ['a cause', true, () => new Error('x', { cause: new Error(SECRET, { cause: { to: PHONE } }) })],
  ['a failure with details', true, () => ApplicationFailure.create({ message: 'x', details: [{ to: PHONE, SECRET }] })],
  ['a failure with a message', true, () => ApplicationFailure.create({ message: SECRET, type: PHONE })],
  ['a failure with a cause', true, () => ApplicationFailure.create({ message: 'x', cause: new Error(SECRET) })],
  ['a cancellation', true, () => new CancelledFailure(SECRET, [PHONE], new Error(PHONE))],
  ['KMS', true, () => new InvalidCiphertextException({ message: SECRET, $metadata: {} })],
  ['several', true, () => new AggregateError([new Error(SECRET), new Error(PHONE)], PHONE)],
  ['properties', true, () => Object.assign(new Error('x'), { code: SECRET, kind: PHONE, table: SECRET, type: PHONE })],
  ['digits for a code', true, () => Object.assign(new Error('x'), { code: PHONE.slice(1) })],
  ['a number for a code', true, () => Object.assign(new Error('x'), { code: Number(PHONE.slice(1)) })],
  ['a name', true, () => Object.assign(new Error('x'), { name: SECRET })],
  ['a forged frame', true, () => new Error(`x\n    at ${SECRET} (file.js:1:1)`)],
  ['a text', true, () => SECRET],
  ['an object', true, () => ({ message: SECRET, code: PHONE.slice(1) })],
];

/** Converts an error as the worker does, with decoded payloads. */
const inHistory = (error: unknown): string => {
  const failure = new DefaultFailureConverter().errorToFailure(error, defaultPayloadConverter);
  return JSON.stringify(failure, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
};
const asLogged = (error: unknown): string => {
  const lines: string[] = [];
  const log = createLogger({ role: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });
  log.error({ err: error }, 'failed');
  // Under another key, and alone. A value that is not an error is an ordinary field, which the caller answers for.
  if (isError(error)) {
    log.error({ other: error }, 'failed');
    log.error(error);
  }
  return lines.join('');
};
const asAnswered = async (error: unknown): Promise<string> => {
  const app = express().use((_request, response) => respondWithProblem(response, error, () => undefined));
  const { text, headers } = await request(app).get('/');
  return text + JSON.stringify(headers);
};
const asFailed = async (error: unknown): Promise<string> => {
  const reported: unknown[] = [];
  const activity = redactFailures(
    () => Promise.reject(error as Error),
    (unforeseen) => reported.push(unforeseen),
  );
  return inHistory(await thrownBy(activity)) + reported.map(asLogged).join('');
};

const FORMS = [SECRET.slice(0, 10), SECRET.slice(6, 16), SECRET.slice(-10), PHONE.slice(1), PHONE.slice(-10)];
const found = (text: string) =>
  FORMS.filter((form) => text.includes(form) || decodeURIComponent(escaped(text)).includes(form));
/** A `%` that begins no escape stays unchanged. */
const escaped = (text: string) => text.replace(/%(?![0-9A-Fa-f]{2})|%[89A-Fa-f]./g, '%25');

describe('LEAK-02 an error does not carry on what it was given', () => {
  test.each(CORPUS)('%s', async (_name, leaky, make) => {
    const error = await make();
    const naked = inspect(error, { depth: 9, showHidden: true, maxStringLength: null }) + inHistory(error);
    expect(found(naked).length > 0).toBe(leaky);
    expect(found(JSON.stringify(safeErr(error)))).toEqual([]);
    expect(found(asLogged(error))).toEqual([]);
    expect(found(await asFailed(error))).toEqual([]);
    expect(found(await asAnswered(error))).toEqual([]);
    const mapped = toDatabaseError(error);
    expect(found(inspect(mapped, { depth: 9, showHidden: true }) + inHistory(mapped))).toEqual([]);
  });
});
