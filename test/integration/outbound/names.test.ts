import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createAskNameServers } from '../../../outbound/ask-name-servers.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { createAuthority } from '../../support/certificates.js';
import { startDnsServer, type DnsAnswer, type DnsServer } from '../../support/dns-server.js';
import { newEndpoint } from '../../support/new-endpoint.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';

const { ca } = createAuthority();
const allow = parseOutboundAllow('http,any-port,127.0.0.1');
type Answering = DnsAnswer | ((type: string) => DnsAnswer | Promise<DnsAnswer>);
const answers = new Map<string, Answering>();

let names: DnsServer;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(async () => {
  names = await startDnsServer((name, type) => {
    const known = answers.get(name);
    return typeof known === 'function' ? known(type) : known;
  });
  receiver.requests.length = 0;
});
afterEach(async () => {
  answers.clear();
  await names.close();
});
afterAll(() => receiver.close());

const newPost = (ipv6 = false) =>
  createGuardedPost({ ca, ipv6, allow, keepAlive: true, nameServers: [names.address] }).post;
const postTo = (host: string, { ipv6 = false, timeoutMs = 5000, post = newPost(ipv6) } = {}) =>
  post({
    endpoint: newEndpoint(),
    url: `http://${host}:${receiver.port}/`,
    body: Buffer.from('{}'),
    headers: {},
    timeoutMs,
  });
const resolvesTo = (host: string, answer: Answering) => void answers.set(host, answer);

describe('a name', () => {
  test('is resolved for every attempt, for IPv4 only unless IPv6 is on', async () => {
    resolvesTo('hooks.acme.com', { a: ['127.0.0.1'] });
    expect(await postTo('hooks.acme.com')).toMatchObject({ kind: 'response', status: 200 });
    await postTo('hooks.acme.com', { ipv6: true });
    expect(names.questions.sort()).toEqual(['hooks.acme.com A', 'hooks.acme.com A', 'hooks.acme.com AAAA']);
    expect(receiver.requests[0]?.headers.host).toBe(`hooks.acme.com:${receiver.port}`);
  });

  test('is asked for once where many attempts want it at once, and not again while its answer is good', async () => {
    resolvesTo('hooks.acme.com', { a: ['127.0.0.1'], ttlSeconds: 60 });
    const post = newPost();
    await Promise.all(Array.from({ length: 10 }, () => postTo('hooks.acme.com', { post })));
    await postTo('hooks.acme.com', { post });
    expect([names.questions, receiver.requests.length]).toEqual([['hooks.acme.com A'], 11]);
  });

  test('is asked for by every query: c-ares keeps nothing of its own beside what we keep', async () => {
    resolvesTo('hooks.acme.com', { a: ['127.0.0.1'], ttlSeconds: 60 });
    const ask = createAskNameServers({ ipv6: false, servers: [names.address] });
    const answer = { addresses: [{ address: '127.0.0.1', family: 4 }], ttlSeconds: 60 };
    expect([await ask('hooks.acme.com'), await ask('hooks.acme.com')]).toEqual([answer, answer]);
    expect(names.questions).toHaveLength(2);
  });

  test('is asked for in both families at the same time, so a slow name server costs its time once', async () => {
    const asked: string[] = [];
    let answerBoth = () => {};
    const bothAsked = new Promise<void>((resolve) => (answerBoth = resolve));
    resolvesTo('hooks.acme.com', async (type) => {
      asked.push(type);
      if (asked.includes('A') && asked.includes('AAAA')) answerBoth();
      // Whichever was asked first gets no answer before the other is asked.
      await bothAsked;
      return { a: ['127.0.0.1'] };
    });
    expect(await postTo('hooks.acme.com', { ipv6: true })).toMatchObject({ kind: 'response', status: 200 });
    expect(asked.sort()).toEqual(['A', 'AAAA']);
  });

  test.each<[string, DnsAnswer, boolean]>([
    ['a private address', { a: ['10.0.0.5'] }, false],
    ['another loopback address', { a: ['127.0.0.2'] }, false],
    ['the metadata address', { a: ['169.254.169.254'] }, false],
    ['an allowed and a private address', { a: ['127.0.0.1', '10.0.0.5'] }, false],
    ['a private behind five allowed addresses', { a: [...Array<string>(5).fill('127.0.0.1'), '10.0.0.5'] }, false],
    ['a public and a private address', { a: ['8.8.8.8', '10.0.0.5'] }, false],
    ['a private IPv4 beside a public IPv6 address', { a: ['192.168.1.1'], aaaa: ['2606:4700:4700::1111'] }, true],
    ['no address in particular', { a: ['0.0.0.0'] }, false],
    ['the metadata address of another cloud', { a: ['100.100.100.200'] }, false],
    ['metadata by NAT64', { aaaa: ['64:ff9b::a9fe:a9fe'] }, true],
    ['metadata by 6to4', { aaaa: ['2002:a9fe:a9fe::1'] }, true],
    ['metadata by Teredo', { aaaa: ['2001::a9fe:a9fe'] }, true],
    ['metadata by a compatible address', { aaaa: ['::a9fe:a9fe'] }, true],
    ['a link-local address', { aaaa: ['fe80::1'] }, true],
    ['an internal name', { cname: 'db.internal', a: ['172.20.0.3'] }, false],
    ['a mapped loopback address', { aaaa: ['::ffff:7f00:1'] }, true],
    ['a unique local address beside an allowed one', { a: ['127.0.0.1'], aaaa: ['fd00:ec2::254'] }, true],
  ])('SSRF-03 that leads to %s is blocked', async (_what, answer, ipv6) => {
    resolvesTo('hooks.acme.com', answer);
    const result = await postTo('hooks.acme.com', { ipv6 });
    expect(result).toEqual({ kind: 'error', code: 'blocked', durationMs: expect.any(Number) });
    expect(receiver.requests).toHaveLength(0);
  });

  test('SSRF-04 that is rebound after a good attempt is blocked at the next', async () => {
    const turn = [['127.0.0.1'], ['169.254.169.254']];
    resolvesTo('rebind.acme.com', () => ({ a: turn.shift() ?? [] }));
    // One and the same for both, as in a process. A time to live of 0: nothing is kept of the name.
    const post = newPost();
    expect(await postTo('rebind.acme.com', { post })).toMatchObject({ kind: 'response', status: 200 });
    expect(await postTo('rebind.acme.com', { post })).toMatchObject({ kind: 'error', code: 'blocked' });
  });

  test.each<[string, DnsAnswer]>([
    ['does not exist', { code: 'NXDOMAIN' }],
    ['cannot be served', { code: 'SERVFAIL' }],
    ['has no address', {}],
    ['has an IPv6 address only', { aaaa: ['2606:4700:4700::1111'] }],
  ])('that %s is a dns failure', async (_what, answer) => {
    resolvesTo('hooks.acme.com', answer);
    expect(await postTo('hooks.acme.com')).toMatchObject({ kind: 'error', code: 'dns' });
  });

  test('SSRF-10 whose name server is silent delays no other delivery', async () => {
    resolvesTo('hooks.acme.com', { a: ['127.0.0.1'] });
    const silent = Promise.all(Array.from({ length: 10 }, (_, i) => postTo(`s${i}.acme.com`, { timeoutMs: 1000 })));
    const healthy = await postTo('hooks.acme.com');
    expect(healthy).toMatchObject({ kind: 'response', status: 200 });
    expect(healthy.durationMs).toBeLessThan(500);
    expect((await silent).every((result) => result.kind === 'error' && result.code === 'timeout')).toBe(true);
  });

  test('is asked for as it is, never with a search domain', async () => {
    await postTo('unknown.acme', { timeoutMs: 500 });
    expect(new Set(names.questions)).toEqual(new Set(['unknown.acme A']));
  });
});
