import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createAddressPolicy, isPublicAddress, parseCidr } from '../../../../domain/security/address-policy.js';
import { parseOutboundAllow } from '../../../../domain/security/outbound-allow.js';

/** First and last address of every refused network, and the public addresses next to them. */
const REFUSED_RANGES = [
  ['0.0.0.0', '0.255.255.255', '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '128.0.0.0'],
  ['168.63.129.16', '168.63.129.16', '168.63.129.17'],
  ['169.254.0.0', '169.254.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '192.0.1.0'],
  ['192.0.2.0', '192.0.2.255', '192.0.3.0'],
  ['192.31.196.0', '192.31.196.255', '192.31.197.0'],
  ['192.52.193.0', '192.52.193.255', '192.52.194.0'],
  ['192.88.99.0', '192.88.99.255', '192.88.100.0'],
  ['192.168.0.0', '192.168.255.255', '192.169.0.0'],
  ['192.175.48.0', '192.175.48.255', '192.175.49.0'],
  ['198.18.0.0', '198.19.255.255', '198.20.0.0'],
  ['198.51.100.0', '198.51.100.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.113.255', '203.0.114.0'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:200::'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
  ['2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff', '2620:4f:8001::'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:1000::'],
];
const OUTSIDE_GLOBAL_UNICAST =
  ':: ::1 ::2 ::7f00:1 ::a9fe:a9fe ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::ffff:0:a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1 ' +
  '100::1 100:0:0:1::1 200::1 400::1 1000::1 1fff::1 4000::1 5f00::1 8000::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1';

describe('isPublicAddress', () => {
  test.each(REFUSED_RANGES)('SSRF-02 refuses %s to %s and accepts %s', (first, last, after) => {
    expect([first, last, after].map((address) => isPublicAddress(address))).toEqual([false, false, true]);
  });

  test.each(OUTSIDE_GLOBAL_UNICAST.split(' '))('SSRF-02 refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['224.0.0.1', '240.0.0.1', '255.255.255.255'])('SSRF-02 refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['8.8.8.8', '1.1.1.1', '9.255.255.255', '2606:4700:4700::1111', '2001:4860::8888'])(
    'accepts %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each(['', 'localhost', '8.8.8', '8.8.8.8 ', '08.8.8.8', '[::1]', '2606:4700::1%eth0', '8.8.8.8/32'])(
    'fails closed for %j',
    (text) => expect(isPublicAddress(text)).toBe(false),
  );
});

describe('createAddressPolicy', () => {
  test('without exemptions and IPv6, every IPv6 address is refused', () => {
    const { isAllowed } = createAddressPolicy({ ipv6: false, allow: parseOutboundAllow('') });
    expect([isAllowed('8.8.8.8'), isAllowed('127.0.0.1'), isAllowed('2606:4700:4700::1111')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('an exempt network is permitted in its own family only', () => {
    const policy = createAddressPolicy({ ipv6: true, allow: parseOutboundAllow('127.0.0.0/8') });
    expect(policy.isAllowed('127.255.0.1')).toBe(true);
    expect(policy.isExempt('8.8.8.8')).toBe(false);
    expect(policy.isAllowed('::ffff:127.0.0.1')).toBe(false);
    expect(policy.isAllowed('::1')).toBe(false);
    expect(policy.isAllowed('10.0.0.1')).toBe(false);
  });

  test('an exempt IPv6 network is permitted although IPv6 is off', () => {
    const { isAllowed: permits } = createAddressPolicy({ ipv6: false, allow: parseOutboundAllow('::1') });
    expect([permits('::1'), permits('::2'), permits('::1%lo')]).toEqual([true, false, false]);
  });
});

describe('parseOutboundAllow', () => {
  test('reads words and networks in any order', () => {
    expect(parseOutboundAllow(' 127.0.0.0/8, http ,::1/128,any-port')).toEqual({
      http: true,
      anyPort: true,
      cidrs: [
        { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
        { address: '::1', prefix: 128, family: 'ipv6' },
      ],
    });
  });

  test.each([undefined, '', ' , '])('allows nothing for %j', (text) => {
    expect(parseOutboundAllow(text)).toEqual({ http: false, anyPort: false, cidrs: [] });
  });

  test.each([
    'https',
    '127.0.0.0/33',
    '127.0.0.0/',
    '127.0.0/8',
    '::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'fe80::1%eth0/64',
  ])('refuses %s', (text) => expect(() => parseOutboundAllow(text)).toThrow(TypeError));

  test('a parsed network contains exactly the addresses that share its prefix', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }), (network, other, prefix) => {
        const dotted = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');
        const same = prefix === 0 || (network ^ other) >>> (32 - prefix) === 0;
        const allow = { http: false, anyPort: false, cidrs: [parseCidr(`${dotted(network)}/${prefix}`)] };
        return createAddressPolicy({ ipv6: false, allow }).isExempt(dotted(other)) === same;
      }),
    );
  });
});
