import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { createAuthority } from '../../support/certificates.js';
import { startDnsServer, type DnsAnswer, type DnsServer } from '../../support/dns-server.js';
import { eventually } from '../../support/eventually.js';
import { answerBytes, startScriptedServer, type Script, type ScriptedServer } from '../../support/scripted-server.js';

const { ca } = createAuthority();
const allow = parseOutboundAllow('http,any-port,127.0.0.0/30');
const answering: Script = (socket) => socket.write(answerBytes('ok', 'keep-alive: timeout=60\r\n'));

let names: DnsServer;
let first: ScriptedServer;
let second: ScriptedServer;
let post: () => ReturnType<ReturnType<typeof createGuardedPost>['post']>;
/** What `hooks.acme.com` leads to. */
let answer: DnsAnswer;
beforeEach(async () => {
  names = await startDnsServer(() => answer);
  first = await startScriptedServer(answering);
  second = await startScriptedServer(answering, { host: '127.0.0.2', port: first.port });
  const nameServers = [names.address];
  const guarded = createGuardedPost({ ca, ipv6: false, allow, keepAlive: true, nameServers });
  const endpoint = { webhookId: 'webhook 1', revision: 1 };
  const url = `http://hooks.acme.com:${first.port}/`;
  post = () => guarded.post({ endpoint, url, body: Buffer.from('{}'), headers: {} });
});
afterEach(() => Promise.all([names, first, second].map((one) => one.close())));

const firstIsLeft = () => eventually(() => Promise.resolve(first.open() === 0), 5_000);

describe('a kept connection', () => {
  test('is used while its address is in the answer for this delivery', async () => {
    answer = { a: ['127.0.0.1'] };
    expect(await post()).toMatchObject({ kind: 'response', connection: 'new' });
    answer = { a: ['127.0.0.2', '127.0.0.1'] };
    expect(await post()).toMatchObject({ kind: 'response', connection: 'reused' });
    expect([names.questions.length, first.requests.length, second.requests.length]).toEqual([2, 2, 0]);
  });

  test('is closed when the name leads elsewhere', async () => {
    answer = { a: ['127.0.0.1'] };
    await post();
    answer = { a: ['127.0.0.2'] };
    expect(await post()).toMatchObject({ kind: 'response', connection: 'new' });
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
    await firstIsLeft();
  });

  test.each<[string, DnsAnswer, string]>([
    ['elsewhere, where nothing may be sent', { a: ['169.254.169.254'] }, 'blocked'],
    ['there and inside', { a: ['127.0.0.1', '10.0.0.5'] }, 'blocked'],
    ['nowhere', { code: 'NXDOMAIN' }, 'dns'],
  ])('SSRF-04 is not used, and closed, when the name leads %s', async (_where, later, code) => {
    answer = { a: ['127.0.0.1'] };
    await post();
    answer = later;
    expect(await post()).toMatchObject({ kind: 'error', code });
    expect(first.requests).toHaveLength(1);
    await firstIsLeft();
  });
});
