import fc from 'fast-check';

/** A number in one of the bases that a URL parser reads. */
const inSomeBase = (n: number) =>
  fc.constantFrom(
    String(n),
    `0x${n.toString(16)}`,
    `0X${n.toString(16).toUpperCase()}`,
    `0${n.toString(8)}`,
    `00${String(n)}`,
  );

/** Interesting addresses more often than others. */
export const octets = fc.oneof(
  fc.constantFrom([127, 0, 0, 1], [10, 0, 0, 5], [169, 254, 169, 254], [192, 168, 1, 1], [172, 16, 0, 1], [0, 0, 0, 0]),
  fc.constantFrom(
    [100, 100, 100, 200],
    [168, 63, 129, 16],
    [198, 18, 0, 1],
    [224, 0, 0, 1],
    [8, 8, 8, 8],
    [255, 255, 255, 255],
  ),
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
);

/** One to four parts, the last one filling the remaining bytes (`127.1`), each in a base of its own. */
const ipv4 = fc.tuple(octets, fc.integer({ min: 1, max: 4 })).chain(([bytes, parts]) => {
  const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
  return fc.tuple(...[...bytes.slice(0, parts - 1), last].map(inSomeBase)).map((all) => all.join('.'));
});

export const group = fc.oneof(
  fc.constantFrom(0, 1, 0x7f00, 0xa9fe, 0xffff, 0xfe80, 0x64, 0xff9b, 0x2001, 0x2002),
  fc.nat(0xffff),
);
const ipv6 = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }).map((all) => all.map((part) => part.toString(16)).join(':')),
  fc.tuple(group, group).map(([a, b]) => `::${a.toString(16)}:${b.toString(16)}`),
  fc
    .tuple(fc.constantFrom('::ffff:', '::', '64:ff9b::', '::ffff:0:', '2002:', '2001::'), octets)
    .map(([prefix, bytes]) => prefix + bytes.join('.')),
  fc.constantFrom('::1', '::', 'fe80::1%25eth0', 'fd00:ec2::254', '2606:4700:4700::1111', '2001:db8::1', '3fff::1'),
);

const label = fc.oneof(
  fc.constantFrom(
    'hooks',
    'acme',
    'localhost',
    'metadata',
    'google',
    'svc',
    'cluster',
    'instance-data',
    'xn--bcher-kva',
    '-a',
    'a_b',
    '',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const top = fc.constantFrom(
  'com',
  'internal',
  'local',
  'LOCAL',
  'localhost',
  'svc',
  'arpa',
  'test',
  'onion',
  '0x7f',
  '1',
  'de',
  'ｃｏｍ',
  'ⓛⓞⓒⓐⓛ',
);
export const name = fc
  .tuple(fc.array(label, { maxLength: 3 }), top)
  .map(([labels, last]) => [...labels, last].join('.'));

/** The same text in the spellings that IDNA and percent-decoding fold away. */
const disguised = (text: string) =>
  fc
    .constantFrom<(text: string) => string>(
      (plain) => plain,
      (plain) => plain.replace(/\./g, '。'),
      (plain) => plain.replace(/\./g, '%2e'),
      (plain) => plain.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      (plain) => plain.replace(/[1-9]/g, (digit) => String.fromCodePoint(0x2460 + Number(digit) - 1)),
      (plain) =>
        plain.replace(/[a-z]/gi, (letter) => String.fromCodePoint(letter.toLowerCase().charCodeAt(0) + 0xfee0)),
      (plain) => plain.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16).padStart(2, '0')}`),
      (plain) => `${plain}.`,
      (plain) => plain.toUpperCase(),
      (plain) => `\u00ad${plain}\u200b`,
    )
    .map((disguise) => disguise(text));

const host = fc.oneof(
  ipv4.chain(disguised),
  ipv6.map((address) => `[${address}]`),
  name.chain(disguised),
);
const before = fc.oneof(
  { weight: 4, arbitrary: fc.constant('https://') },
  fc.constantFrom(
    'HTTPS://',
    'http://',
    'https:/',
    'https:///',
    'https:\\\\',
    '//',
    ' https://',
    'https://user@',
    'https://@',
    'https://a:b@',
    'https://x%40',
    'ht\ttps://',
  ),
);
const after = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('/', '', '/hook?a=b', ':443/') },
  fc.constantFrom(
    '/',
    '',
    '/hook?a=b',
    ':443/',
    ':0443/',
    ':80/',
    ':22/',
    ':0/',
    ':65536/',
    ':',
    '\\@hooks.acme.com/',
    '#@hooks.acme.com/',
    '?@x',
    '/%0d%0a',
    '\t/',
    '\n',
    '\u0000',
    '@hooks.acme.com/',
    `/${'x'.repeat(2040)}`,
  ),
);
const address = fc.tuple(before, host, after).map((parts) => parts.join(''));
const spoilt = fc.tuple(address, fc.nat(), fc.string({ unit: 'binary', maxLength: 2 })).map(([url, at, text]) => {
  const place = at % (url.length + 1);
  return url.slice(0, place) + text + url.slice(place);
});

/** URLs as an attacker writes them, some with a few characters put anywhere. */
export const urls = fc.oneof({ weight: 3, arbitrary: address }, spoilt);
