import { describe, expect, test } from '@jest/globals';
import express, { Router } from 'express';
import { request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { identifyAccount, getAccountId } from '../../../api/identity.js';
import { respondWithProblem } from '../../../api/problem-handler.js';

const ID = '11111111-1111-1111-1111-111111111111';

/** A real server, because the tests depend on Node's treatment of repeated and unusual headers. */
async function ask(headers: string[]): Promise<{ status: number; text: string }> {
  const routes = Router().use(identifyAccount, (_request, response) => void response.send(getAccountId(response)));
  const app = express().use((request, response) => {
    routes(request, response, (error?: unknown) => respondWithProblem(response, error, () => undefined));
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await new Promise((resolve, reject) => {
      const options = { port: (server.address() as AddressInfo).port, host: '127.0.0.1', headers };
      send({ ...options, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      })
        .once('error', reject)
        .end();
    });
  } finally {
    server.close();
  }
}
const asking = async (...headers: string[]) => {
  const answer = await ask(['Host', 'x', ...headers]).catch((error: unknown) => ({ status: 0, text: String(error) }));
  return answer.status === 200 ? answer.text : answer.status;
};

describe('the account of a request', () => {
  test.each<[string, string[], string | number]>([
    ['one header', ['X-Account-Id', ID], ID],
    ['in any case of name', ['x-aCCOUNT-iD', ID], ID],
    ['in capitals', ['X-Account-Id', 'ABCDEF00-1111-1111-1111-111111111111'], 'abcdef00-1111-1111-1111-111111111111'],
    ['with blanks around it', ['X-Account-Id', `  ${ID} `], ID],
    ['no header', [], 401],
    ['an empty one', ['X-Account-Id', ''], 401],
    ['not a UUID', ['X-Account-Id', 'admin'], 401],
    ['with a line of its own behind it', ['X-Account-Id', `${ID}\t`.repeat(2)], 401],
    ['a list in one header', ['X-Account-Id', `${ID}, ${ID}`], 401],
    ['an underscore in the name', ['X_Account_Id', ID], 401],
    ['two headers', ['X-Account-Id', ID, 'X-Account-Id', ID], 400],
    ['two that differ', ['X-Account-Id', ID, 'x-account-id', '22222222-1111-1111-1111-111111111111'], 400],
    ['a good one behind a bad one', ['X-Account-Id', 'x', 'X-Account-Id', ID], 400],
  ])('API-01 %s', async (_name, headers, expected) => {
    expect(await asking(...headers)).toBe(expected);
  });
});
