import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPublicAddress } from '../../../domain/security/address-policy.js';
import { OTHERS, OURS, PORTS } from './cluster.js';
import { createNetwork, policiesOf, type Peer, type PolicySpec, type Port } from './network-policy.js';
import { renderManifests } from './render-manifests.js';
import { workloadsOf } from './workloads.js';

const KEY_SERVICE = ['10.20.30.40', '10.20.31.40'];
const allPeers: Record<string, Peer> = {
  ...OURS,
  ...OTHERS,
  internet: { address: '8.8.8.8' },
  node: { address: '10.0.0.5' },
};
const shown = ({ port, protocol = 'TCP' }: Port) => `${port}/${protocol}`;

let reaches: ReturnType<typeof createNetwork>;
let specs: PolicySpec[];
let labels: Record<string, string>[];

beforeAll(async () => {
  const manifests = await renderManifests('overlays/example');
  const policies = policiesOf(manifests);
  specs = policies.map(({ spec }) => spec);
  reaches = createNetwork(policies);
  labels = workloadsOf(manifests).map((workload) => workload.labels);
}, 6 * 60_000);

const whoReaches = (target: Peer, port: Port) =>
  Object.entries(allPeers).flatMap(([name, from]) => (from !== target && reaches(from, target, port) ? [name] : []));
const reachableFrom = (from: Peer) =>
  Object.entries(allPeers).flatMap(([name, to]) =>
    PORTS.flatMap((port) => (to !== from && reaches(from, to, port) ? [`${name} ${shown(port)}`] : [])),
  );

test('the pods of these tests are the manifests’ own', () => {
  expect(labels).toHaveLength(Object.keys(OURS).length);
  expect(labels).toEqual(expect.arrayContaining(Object.values(OURS).map((pod) => ({ ...pod.labels }))));
});

describe('into the service', () => {
  test('K8S-01 only Kong reaches the API’s public port', () => {
    expect(whoReaches(OURS.api, { port: 8080 })).toEqual(['kong']);
  });

  test.each(['api', 'dispatcher'] as const)('K8S-03 only Prometheus reaches the internal port of the %s', (name) => {
    expect(whoReaches(OURS[name], { port: 9090 })).toEqual(['prometheus']);
  });

  test.each(Object.entries(OURS))('K8S-03 no peer reaches another port of the %s', (name, pod) => {
    const open = name === 'api' ? [8080, 9090] : name === 'dispatcher' ? [9090] : [];
    for (const port of PORTS.filter((each) => each.protocol === 'UDP' || !open.includes(each.port)))
      expect([shown(port), whoReaches(pod, port)]).toEqual([shown(port), []]);
  });

  test('a pod of another kind in the namespace reaches no peer, and no peer reaches it', () => {
    const stranger = OTHERS['a pod without labels'];
    for (const port of PORTS) expect(whoReaches(stranger, port)).toEqual([]);
    expect(reachableFrom(stranger)).toEqual([]);
  });
});

describe('out of the service', () => {
  const NAMES = ['dns 53/TCP', 'dns 53/UDP', 'postgres 5432/TCP'];

  test.each([
    ['api', [...NAMES, 'temporal 7233/TCP']],
    ['dispatcher', [...NAMES, 'temporal 7233/TCP', 'nats 4222/TCP', 'internet 443/TCP']],
    ['migrate', NAMES],
    ['partitions', NAMES],
  ] as const)('K8S-02 the %s reaches what it works with and nothing else', (name, expected) => {
    expect(reachableFrom(OURS[name]).sort()).toEqual([...expected].sort());
  });

  test('K8S-02 the key service is reached by those who open secrets, on its own port', () => {
    for (const address of KEY_SERVICE) {
      const who = Object.keys(OURS).filter((name) => reaches(OURS[name as 'api'], { address }, { port: 443 }));
      expect(who).toEqual(['api', 'dispatcher']);
      expect(reaches(OURS.dispatcher, { address }, { port: 80 })).toBe(false);
    }
    expect(reaches(OURS.dispatcher, { address: '10.20.30.41' }, { port: 443 })).toBe(false);
  });

  test('K8S-02 neither the API nor the migration reaches any public address', () => {
    const address = fc.ipV4().filter((each) => !KEY_SERVICE.includes(each));
    const port = fc.constantFrom(...PORTS);
    fc.assert(
      fc.property(
        address,
        port,
        (to, at) => !reaches(OURS.api, { address: to }, at) && !reaches(OURS.migrate, { address: to }, at),
      ),
    );
  });
});

describe('SSRF-08 what the dispatcher reaches on the internet', () => {
  const sent = (address: string, port = 443) => reaches(OURS.dispatcher, { address }, { port });
  const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const dotted = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');
  const excepted = () =>
    specs.flatMap(({ egress = [] }) =>
      egress.flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock?.except ?? [])),
    );

  test('the security model’s own four are excepted word for word, and all that the application refuses', () => {
    const four = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.169.254/32'];
    const source = readFileSync(new URL('../../../domain/security/address-policy.ts', import.meta.url), 'utf8');
    const [, list = ''] = /IPV4_REFUSED = \[([^\]]+)\]/.exec(source) ?? [];
    const refused = [...list.matchAll(/'([\d./]+)'/g)].map(([, network]) => network);
    expect(refused.length).toBeGreaterThan(15);
    expect(new Set(excepted())).toEqual(new Set([...four, ...refused]));
  });

  test('K8S-02 at each border of each excepted network it is what the application permits', () => {
    for (const network of excepted()) {
      const [first = '', bits] = network.split('/');
      const size = 2 ** (32 - Number(bits));
      for (const n of [-1, 0, size - 1, size]
        .map((by) => number(first) + by)
        .filter((each) => each >= 0 && each < 2 ** 32))
        expect([dotted(n), sent(dotted(n))]).toEqual([dotted(n), isPublicAddress(dotted(n))]);
    }
  });

  test('K8S-02 for any IPv4 address it is what the application permits, on port 443 alone', () => {
    const address = fc.ipV4().filter((each) => !KEY_SERVICE.includes(each));
    fc.assert(
      fc.property(address, (to) => sent(to) === isPublicAddress(to) && !sent(to, 80) && !sent(to, 8443)),
      { numRuns: 2_000 },
    );
  });

  test('K8S-02 no IPv6 address', () => {
    fc.assert(fc.property(fc.ipV6(), (to) => !sent(to)));
  });

  const { cases } = JSON.parse(readFileSync(new URL('../../vectors/url-gate.json', import.meta.url), 'utf8')) as {
    cases: { url: string; gate: string }[];
  };
  const literals = cases.flatMap(({ url, gate }) => {
    const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$|\.$/g, '') : '';
    return isIP(host) === 0 ? [] : [{ url, host, gate }];
  });

  test.each(literals.filter(({ host }) => !isPublicAddress(host) || isIP(host) === 6))(
    'not the address of $url',
    ({ host }) => {
      expect([sent(host), sent(host, 80)]).toEqual([false, false]);
    },
  );

  test.each(literals.filter(({ gate }) => gate === 'allow'))('the address of $url', ({ host }) => {
    expect(sent(host)).toBe(true);
  });
});
