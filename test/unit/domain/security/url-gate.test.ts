import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseOutboundAllow } from '../../../../domain/security/outbound-allow.js';
import { createUrlGate } from '../../../../domain/security/url-gate.js';

type Case = { n: number; url: unknown; gate: 'deny' | 'resolve' | 'allow'; note: string };
const { cases } = JSON.parse(readFileSync('test/vectors/url-gate.json', 'utf8')) as { cases: Case[] };

const gate = createUrlGate();
const local = createUrlGate({ allow: parseOutboundAllow('http,127.0.0.0/8') });
const VERDICT = { deny: { ok: false }, resolve: { ok: true, kind: 'name' }, allow: { ok: true, kind: 'literal' } };
const reasonOf = (url: unknown, check = gate) => {
  const verdict = check(url);
  return verdict.ok ? verdict.url : verdict.reason;
};

describe('the URL gate with its defaults', () => {
  test.each(cases)('SSRF-01 case $n: $url → $gate', ({ url, gate: expected }) => {
    expect(gate(url)).toMatchObject(VERDICT[expected]);
  });

  test.each([
    ['https://hooks.acme.com#', 'fragment'],
    ['https://user:@hooks.acme.com/', 'userinfo'],
    ['https://[::ffff:7f00:1]/', 'address'],
    ['https://[fe80::1%eth0]/', 'malformed'],
    ['https://[64:ff9b::7f00:1]/', 'address'],
    ['https://0300.0250.0.1/', 'address'],
    ['https://１２７.０.０.１/', 'address'],
    ['https://%31%32%37.0.0.1/', 'address'],
    ['https://hooks.acme.com\u0000/', 'character'],
    ['https://hooks.acme.com/\u007f', 'character'],
    ['https://hooks.acme.com\\.other.com/', 'character'],
    ['https:///127.0.0.1/', 'shape'],
    ['https://?hooks.acme.com', 'shape'],
    ['https://:443/', 'malformed'],
    ['http://hooks.acme.com/', 'scheme'],
    ['wss://hooks.acme.com/', 'shape'],
    ['javascript:alert(1)', 'shape'],
    ['https://hooks.acme.com:80/', 'port'],
    ['https://app.test/', 'suffix'],
    ['https://svc/', 'single_label'],
    ['https://a.svc./', 'suffix'],
    ['https://home.arpa/', 'suffix'],
    ['https://db.cluster.local/', 'suffix'],
    ['https://1.0.0.127.in-addr.arpa/', 'suffix'],
    ['https://foo.0x/', 'malformed'],
    [`https://${'a'.repeat(64)}.com/`, 'label'],
    [`https://${'a.'.repeat(126)}com/`, 'label'],
    ['https://a-.acme.com/', 'label'],
    ['https://a*b.acme.com/', 'label'],
    [`https://hooks.acme.com/${'é'.repeat(1000)}`, 'length'],
    ['', 'shape'],
    [new URL('https://hooks.acme.com/'), 'not_a_string'],
  ])('refuses %s: %s', (url, reason) => expect(reasonOf(url)).toBe(reason));

  test.each([
    ['HTTPS://Hooks.Acme.COM', 'https://hooks.acme.com/'],
    ['https://hooks.acme.com:443/a/../b', 'https://hooks.acme.com/b'],
    ['https://hooks.acme.com./x', 'https://hooks.acme.com/x'],
    ['https://bücher.de/', 'https://xn--bcher-kva.de/'],
    ['https://hooks.acme.com/@user?to=a@b', 'https://hooks.acme.com/@user?to=a@b'],
    ['https://hooks.acme.com/%0d%0aX:1', 'https://hooks.acme.com/%0d%0aX:1'],
    ['https://134744072/', 'https://8.8.8.8/'],
    ['https://my_host.acme.com/', 'https://my_host.acme.com/'],
    ['https://localhost.acme.com/', 'https://localhost.acme.com/'],
    ['https://notlocal.mylocal/', 'https://notlocal.mylocal/'],
  ])('stores %s as %s', (url, canonical) => expect(reasonOf(url)).toBe(canonical));

  test('SSRF-01 a verdict does not change with the number of calls, as that of Node’s compiled canParse does', () => {
    const verdicts = new Set<string>();
    for (let n = 0; n < 20_000; n += 1)
      verdicts.add([reasonOf('https://bücher.de/'), reasonOf('https://ü.de\u00a0/')].join(' '));
    expect([...verdicts]).toEqual(['https://xn--bcher-kva.de/ malformed']);
  });

  test('a canonical URL is accepted again and stays as it is', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }), (url) => {
        const verdict = gate(url);
        if (verdict.ok) expect(gate(verdict.url)).toEqual(verdict);
      }),
    );
  });

  test('any text gets a verdict', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof gate(`https://${text}`).ok === 'boolean'));
  });
});

describe('the URL gate with options', () => {
  test('IPv6 literals are accepted where IPv6 is switched on', () => {
    const v6 = createUrlGate({ ipv6: true });
    expect(v6('https://[2606:4700:4700::1111]/')).toMatchObject({ ok: true, kind: 'literal' });
    expect(cases.filter(({ url, gate: expected }) => v6(url).ok !== (expected !== 'deny')).map(({ n }) => n)).toEqual([
      78,
    ]);
  });

  test('http is accepted on its own port where it is allowed', () => {
    const http = createUrlGate({ allow: parseOutboundAllow('http') });
    expect(reasonOf('http://hooks.acme.com:80/', http)).toBe('http://hooks.acme.com/');
    expect(reasonOf('http://hooks.acme.com:8080/', http)).toBe('port');
    expect(reasonOf('http://hooks.acme.com:443/', http)).toBe('port');
    expect(reasonOf('http://127.0.0.1/', http)).toBe('address');
  });

  test('an allowed network is reachable by literal on any port, and nothing else is', () => {
    expect(reasonOf('http://127.0.0.1:34567/hook', local)).toBe('http://127.0.0.1:34567/hook');
    expect(reasonOf('http://0x7f.1:81/', local)).toBe('http://127.0.0.1:81/');
    expect(reasonOf('http://[::1]:34567/', local)).toBe('port');
    expect(reasonOf('https://[::ffff:127.0.0.1]/', local)).toBe('address');
    expect(reasonOf('http://10.0.0.1/', local)).toBe('address');
    expect(reasonOf('http://8.8.8.8:8080/', local)).toBe('port');
    expect(reasonOf('http://localhost:34567/', local)).toBe('port');
    expect(reasonOf('http://localhost/', local)).toBe('single_label');
    expect(reasonOf('http://a.localhost/', local)).toBe('suffix');
  });

  test('names get any port only where that is said', () => {
    const anyPort = createUrlGate({ allow: parseOutboundAllow('http,any-port') });
    expect(reasonOf('http://hooks.acme.com:8080/', local)).toBe('port');
    expect(reasonOf('http://hooks.acme.com:8080/', anyPort)).toBe('http://hooks.acme.com:8080/');
    expect(reasonOf('http://8.8.8.8:8080/', anyPort)).toBe('port');
  });
});
