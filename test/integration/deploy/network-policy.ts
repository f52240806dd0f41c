import { BlockList, isIP } from 'node:net';
import type { Manifest } from './render-manifests.js';

type Labels = Readonly<Record<string, string>>;

export interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly address: string;
}

/** A pod, or an address outside of the cluster. */
export type Peer = Pod | { readonly address: string };

export interface Port {
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

interface RulePeer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Rule {
  readonly from?: readonly RulePeer[];
  readonly to?: readonly RulePeer[];
  readonly ports?: readonly { port: number; protocol?: string }[];
}

export interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

interface Policy {
  readonly namespace: string;
  readonly spec: PolicySpec;
}

export const policiesOf = (manifests: readonly Manifest[]): Policy[] =>
  manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ metadata, spec }) => ({ namespace: metadata.namespace ?? '', spec: spec as PolicySpec }));

/**
 * Whether a connection may be opened, by the rules of networking.k8s.io/v1: a pod that no policy selects for a direction is
 * open in it, otherwise one rule of one policy must allow the connection, at both ends. An `ipBlock` is held against the
 * addresses of pods too, which is what the more permissive network plugins do. Namespaces carry their name as a label, as
 * Kubernetes gives it to them.
 */
export function createNetwork(policies: readonly Policy[]): (from: Peer, to: Peer, port: Port) => boolean {
  const permits = (direction: 'ingress' | 'egress', [own, other]: readonly [Peer, Peer], port: Port): boolean => {
    if (!('labels' in own)) return true;
    const type = direction === 'ingress' ? 'Ingress' : 'Egress';
    const chosen = policies.filter(
      ({ namespace, spec }) =>
        namespace === own.namespace && spec.policyTypes.includes(type) && selects(spec.podSelector, own.labels),
    );
    const rules = chosen.flatMap(({ namespace, spec }) => (spec[direction] ?? []).map((rule) => ({ namespace, rule })));
    return (
      chosen.length === 0 || rules.some(({ namespace, rule }) => allows(rule, { namespace, direction, other, port }))
    );
  };
  return (from, to, port) => permits('egress', [from, to], port) && permits('ingress', [to, from], port);
}

interface Asked {
  /** Of the policy. */
  readonly namespace: string;
  readonly direction: 'ingress' | 'egress';
  readonly other: Peer;
  readonly port: Port;
}

function allows(rule: Rule, { namespace, direction, other, port }: Asked): boolean {
  const peers = direction === 'ingress' ? rule.from : rule.to;
  // An absent or empty list means all peers, or all ports.
  const peer = !peers?.length || peers.some((each) => isPeer(each, other, namespace));
  const { protocol = 'TCP' } = port;
  return (
    peer && (!rule.ports?.length || rule.ports.some((p) => p.port === port.port && (p.protocol ?? 'TCP') === protocol))
  );
}

function isPeer({ ipBlock, namespaceSelector, podSelector }: RulePeer, other: Peer, namespace: string): boolean {
  if (ipBlock)
    return contains(ipBlock.cidr, other.address) && !ipBlock.except?.some((no) => contains(no, other.address));
  if (!('labels' in other)) return false;
  const itsNamespace = { 'kubernetes.io/metadata.name': other.namespace };
  const inNamespace = namespaceSelector ? selects(namespaceSelector, itsNamespace) : other.namespace === namespace;
  return inNamespace && selects(podSelector ?? {}, other.labels);
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const byLabels = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return (
    byLabels &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== 'In') throw new Error(`${operator} is not understood here`);
      return values.includes(labels[key] ?? '');
    })
  );
}

function contains(cidr: string, address: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  const list = new BlockList();
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(network, Number(prefix), family);
  return isIP(address) === isIP(network) && list.check(address, family);
}
