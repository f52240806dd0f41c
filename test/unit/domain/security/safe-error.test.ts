import { describe, expect, test } from '@jest/globals';
import { DrizzleQueryError } from 'drizzle-orm';
import fetch from 'node-fetch';
import pg from 'pg';
import { z } from 'zod';
import { safeErr } from '../../../../domain/security/safe-error.js';

const SECRET = 'whsec_Y2FuYXJ5IGNhbmFyeSBjYW5hcnkh';
const PHONE = '+999123456789';

const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to throw');
};

/** V8 formats the stack at its first read. From then on the stack contains the message of that moment. */
const changed = (error: Error, message: string) => {
  if (!error.stack?.includes(SECRET)) throw new Error('nothing to hide');
  return Object.assign(error, { message });
};

const pgError = () =>
  Object.assign(new pg.DatabaseError(`invalid input syntax for type uuid: "${SECRET}"`, 200, 'error'), {
    code: '22P02',
    detail: `Failing row contains (${PHONE})`,
    where: `JSON data, line 1: ${PHONE}`,
    table: 'webhook_configs',
    schema: 'hook',
    constraint: 'webhook_configs_status',
  });

describe('errors that repeat what they were given', () => {
  test.each<[string, () => unknown]>([
    ['pg', () => pgError()],
    ['drizzle', () => new DrizzleQueryError('insert …', [SECRET, PHONE], pgError())],
    ['zod, an unknown key', () => z.strictObject({}).safeParse({ [SECRET]: PHONE }).error],
    ['JSON', () => thrownBy(() => JSON.parse(`{"to": ${PHONE}, ${SECRET}`) as unknown)],
    ['URL', () => thrownBy(() => new URL(`//${SECRET}`))],
    ['fetch', () => thrownBy(() => fetch(`http://127.0.0.1:1/?token=${SECRET}`))],
    [
      'an own property',
      () => Object.assign(new Error('x'), { body: SECRET, code: SECRET, kind: PHONE, table: SECRET }),
    ],
    ['a cause', () => new Error('x', { cause: new Error(SECRET, { cause: PHONE }) })],
    ['a message changed later', () => changed(new Error(SECRET), 'other')],
    ['a message emptied later', () => changed(new Error(`x\n    at ${SECRET} (a.js:1:1)`), '')],
    ['a message that became the name', () => changed(new Error(`x\n    at ${SECRET} (a.js:1:1)`), 'Error')],
    ['a name with lines', () => Object.assign(new Error('x'), { name: `x\n    at ${SECRET} (a.js:1:1)` })],
    ['a forged frame', () => new Error(`x\n    at ${SECRET} (a.js:1:1)`)],
    ['a text', () => SECRET],
    ['a name', () => Object.assign(new Error('x'), { name: SECRET })],
    ['digits as a code', () => Object.assign(new Error('x'), { code: PHONE.slice(1) })],
  ])('%s', async (_name, make) => {
    const text = JSON.stringify(safeErr(await make()));
    expect(text).not.toContain(SECRET.slice(0, 12));
    expect(text).not.toContain(PHONE.slice(1));
  });
});

describe('what stays to work with', () => {
  test('type, SQLSTATE and names of the schema, through the cause', () => {
    const { type, cause } = safeErr(new DrizzleQueryError('insert …', [SECRET], pgError()));
    expect(type).toBe('DrizzleQueryError');
    expect(cause).toMatchObject({
      type: 'DatabaseError',
      code: '22P02',
      table: 'webhook_configs',
      schema: 'hook',
      constraint: 'webhook_configs_status',
    });
  });

  test.each([new Error('x'), new TypeError(''), new Error('two\nlines'), new pg.DatabaseError('x', 1, 'error')])(
    'the place in our code',
    (error) => expect(safeErr(error).frames?.[0]).toMatch(/^at .*safe-error\.test\.ts:\d+:\d+\)?$/),
  );

  test('the place in our code, of an error of Node with its code in the name', () => {
    const error = (() => {
      try {
        return Buffer.from(1 as unknown as string);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(safeErr(error)).toMatchObject({ type: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    expect(safeErr(error).frames?.join()).toMatch(/safe-error\.test\.ts/);
  });

  test('codes of the system, of NATS, of gRPC and of our own errors', () => {
    const codes = ['ECONNREFUSED', '503', 'PERMISSIONS_VIOLATION', 'throttled', 14];
    expect(codes.map((code) => safeErr(Object.assign(new Error('x'), { code })).code)).toEqual(codes);
  });

  test('a chain of causes ends', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(JSON.stringify(safeErr(loop)).match(/"type"/g)).toHaveLength(4);
  });

  test('a value that is not an error is reduced to its type', () => {
    expect([undefined, null, 7, { message: 'x' }].map((value) => safeErr(value).type)).toEqual([
      'undefined',
      'null',
      'number',
      'object',
    ]);
  });
});
