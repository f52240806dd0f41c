import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { readSystemCa } from '../../../outbound/system-ca.js';
import { readTrustedCa } from '../../../outbound/trusted-ca.js';
import { type ChainLink, createChain } from '../../support/certificate-chain.js';
import { createAuthority, selfSigned, type Certificate } from '../../support/certificates.js';
import { startDnsServer, type DnsServer } from '../../support/dns-server.js';
import { newEndpoint } from '../../support/new-endpoint.js';
import { answer, startReceiver } from '../../support/receiver.js';

const allow = parseOutboundAllow('127.0.0.0/8,any-port');
const authority = createAuthority();
const loopback = { names: 'IP:127.0.0.1,DNS:hooks.acme.com' };

let names: DnsServer;
beforeAll(async () => void (names = await startDnsServer(() => ({ a: ['127.0.0.1'] }))));
afterAll(() => names.close());

/** Posts once to a receiver with this certificate, trusting `ca`. */
async function postOver(
  served: Certificate & { maxVersion?: 'TLSv1.1' | 'TLSv1.2' },
  { ca = authority.ca, host = '127.0.0.1' } = {},
) {
  const old = served.maxVersion === 'TLSv1.1' ? ({ minVersion: 'TLSv1' } as const) : {};
  // Level 0, so that the server accepts each of these certificates as its own.
  const lenient = { ciphers: 'DEFAULT@SECLEVEL=0', ...served, ...old };
  const receiver = await startReceiver(answer({ body: 'hello' }), { tls: lenient });
  const { post } = createGuardedPost({ ca, ipv6: false, allow, keepAlive: true, nameServers: [names.address] });
  const url = `https://${host}:${receiver.port}/`;
  const result = await post({ endpoint: newEndpoint(), url, body: Buffer.from('{}'), headers: {} });
  await receiver.close();
  return { result, received: receiver.requests.length };
}
const UNKNOWN = '1.2.3.4.5=critical,ASN1:UTF8String:unknown';
const CURVE_192 = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime192v1'];
const refused = { result: expect.objectContaining({ kind: 'error', code: 'tls' }), received: 0 };

describe('HTTP-05 a certificate', () => {
  test('from an authority in the bundle is accepted, by address and by name', async () => {
    for (const host of ['127.0.0.1', 'hooks.acme.com', 'HOOKS.acme.com.']) {
      const { result } = await postOver(authority.issue(loopback), { host });
      expect(result).toMatchObject({ kind: 'response', status: 200, preview: 'hello' });
    }
  });

  test('from that authority is refused where only the system bundle is trusted', async () => {
    expect(await postOver(authority.issue(loopback), { ca: readSystemCa() })).toEqual(refused);
  });

  test('from an authority that is added to the system bundle is accepted, from another one it is refused', async () => {
    const ca = readTrustedCa(authority.ca);
    expect(ca).toContain(readSystemCa().trimEnd());
    const { result } = await postOver(authority.issue(loopback), { ca });
    expect(result).toMatchObject({ kind: 'response', status: 200 });
    expect(await postOver(createAuthority().issue(loopback), { ca })).toEqual(refused);
    expect(await postOver(authority.issue(loopback), { ca: readTrustedCa() })).toEqual(refused);
  });

  test('that signed itself is refused', async () => {
    expect(await postOver(selfSigned(loopback))).toEqual(refused);
  });

  test('that signed itself is refused where NODE_TLS_REJECT_UNAUTHORIZED is 0, too', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await postOver(selfSigned(loopback))).toEqual(refused);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test('that has expired is refused', async () => {
    expect(await postOver(authority.issue({ ...loopback, days: -1 }))).toEqual(refused);
  });

  test('for another name or address is refused', async () => {
    const other = authority.issue({ names: 'DNS:hooks.other.com,IP:127.0.0.2' });
    expect(await postOver(other)).toEqual(refused);
    expect(await postOver(other, { host: 'hooks.acme.com' })).toEqual(refused);
  });
});

const authorityLink = (...extensions: string[]): ChainLink => ({
  commonName: 'authority',
  extensions: ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign,cRLSign', ...extensions],
});
const root = authorityLink();
const intermediate = { ...root, commonName: 'intermediate' };
const leaf: ChainLink = { commonName: 'hooks.acme.com', extensions: ['subjectAltName=DNS:hooks.acme.com'] };
const without = (extension: string, ...others: string[]): ChainLink => {
  const kept = root.extensions.filter((one) => !one.startsWith(extension));
  return { ...root, extensions: [...kept, ...others] };
};

describe('HTTP-05 a chain of certificates', () => {
  test('is accepted up to a root of the bundle', async () => {
    const { ca, served } = createChain([root, intermediate, leaf]);
    const { result } = await postOver(served, { ca, host: 'hooks.acme.com' });
    expect(result).toMatchObject({ kind: 'response', status: 200 });
  });

  test.each<[string, ChainLink[]]>([
    [
      'is longer than its root allows',
      [without('basic', 'basicConstraints=critical,CA:true,pathlen:0'), intermediate, leaf],
    ],
    ['is for names outside of its root’s', [authorityLink('nameConstraints=critical,permitted;DNS:acme.net'), leaf]],
    ['comes from a certificate that may sign none', [root, { ...leaf, commonName: 'customer' }, leaf]],
    [
      'comes from a key that may sign none',
      [root, { ...without('keyUsage', 'keyUsage=critical,cRLSign'), commonName: 'intermediate' }, leaf],
    ],
    ['is for clients', [root, { ...leaf, extensions: [...leaf.extensions, 'extendedKeyUsage=clientAuth'] }]],
    ['says something critical that is unknown', [root, { ...leaf, extensions: [...leaf.extensions, UNKNOWN] }]],
    ['has a key of 1,024 bits', [root, { ...leaf, newKey: ['rsa:1024'] }]],
    ['has an elliptic curve of 192 bits', [root, { ...leaf, newKey: CURVE_192 }]],
    ['has an authority with a key of 1,024 bits', [root, { ...intermediate, newKey: ['rsa:1024'] }, leaf]],
    ['is signed with SHA-1', [root, { ...leaf, digest: 'sha1' }]],
    [
      'is signed with MD5',
      [
        { ...root, newKey: ['rsa:2048'] },
        { ...leaf, digest: 'md5' },
      ],
    ],
  ])('that %s is refused as tls', async (_what, links) => {
    const { ca, served } = createChain(links);
    expect(await postOver(served, { ca, host: 'hooks.acme.com' })).toEqual(refused);
  });

  test.each<[string, string[]]>([
    ['no other name', []],
    ['an address', ['subjectAltName=IP:127.0.0.1']],
    ['a mail address', ['subjectAltName=email:hooks@acme.com']],
  ])('that names the host by its common name, beside %s, is refused', async (_what, extensions) => {
    const { ca, served } = createChain([root, { ...leaf, extensions: ['basicConstraints=CA:false', ...extensions] }]);
    expect(await postOver(served, { ca, host: 'hooks.acme.com' })).toEqual(refused);
  });
});

describe('HTTP-05 the protocol', () => {
  test('TLS 1.2 is accepted', async () => {
    const { result } = await postOver({ ...authority.issue(loopback), maxVersion: 'TLSv1.2' });
    expect(result).toMatchObject({ kind: 'response', status: 200 });
  });

  test('TLS 1.1 is refused', async () => {
    expect(await postOver({ ...authority.issue(loopback), maxVersion: 'TLSv1.1' })).toEqual(refused);
  });

  test('TLS 1.1 is refused where NODE_OPTIONS lowers the defaults, too', async () => {
    const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
    Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' });
    try {
      expect(await postOver({ ...authority.issue(loopback), maxVersion: 'TLSv1.1' })).toEqual(refused);
    } finally {
      Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS });
    }
  });

  test('plain HTTP behind an https URL is refused', async () => {
    const receiver = await startReceiver();
    const { post } = createGuardedPost({ ca: authority.ca, ipv6: false, allow, keepAlive: true });
    const result = await post({
      endpoint: newEndpoint(),
      url: `https://127.0.0.1:${receiver.port}/`,
      body: Buffer.from('{}'),
      headers: {},
    });
    await receiver.close();
    expect(result).toMatchObject({ kind: 'error', code: 'tls' });
  });
});
