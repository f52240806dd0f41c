import type { Pod, Port } from './network-policy.js';

const named = (name: string) => ({ 'app.kubernetes.io/name': name });
const pod = (namespace: string, labels: Record<string, string>, address: string): Pod => ({
  namespace,
  labels,
  address,
});
const ours = (component: string, address: string) => pod('webhooks', { app: 'webhook-dispatcher', component }, address);

/** The service's own pods, as the manifests label them. */
export const OURS = {
  api: ours('api', '10.1.0.10'),
  dispatcher: ours('dispatcher', '10.1.0.11'),
  migrate: ours('migrate', '10.1.0.12'),
  partitions: ours('partitions', '10.1.0.13'),
};

/** The platform's pods, and pods that look like them from one side. */
export const OTHERS = {
  kong: pod('kong', named('kong'), '10.1.1.1'),
  'a neighbor of Kong': pod('kong', named('kong-migrations'), '10.1.1.2'),
  'a pod that calls itself Kong': pod('tenant', named('kong'), '10.1.9.1'),
  'a pod here that calls itself Kong': pod('webhooks', named('kong'), '10.1.9.2'),
  prometheus: pod('monitoring', named('prometheus'), '10.1.2.1'),
  grafana: pod('monitoring', named('grafana'), '10.1.2.2'),
  'a pod that calls itself Prometheus': pod('tenant', named('prometheus'), '10.1.9.3'),
  dns: pod('kube-system', { 'k8s-app': 'kube-dns' }, '10.1.3.1'),
  'another part of the cluster': pod('kube-system', { component: 'kube-apiserver' }, '10.1.3.2'),
  postgres: pod('postgres', named('postgres'), '10.1.4.1'),
  'a pod that calls itself PostgreSQL': pod('tenant', named('postgres'), '10.1.9.4'),
  nats: pod('nats', named('nats'), '10.1.5.1'),
  temporal: pod('temporal', { ...named('temporal'), 'app.kubernetes.io/component': 'frontend' }, '10.1.6.1'),
  'Temporal’s history': pod('temporal', { ...named('temporal'), 'app.kubernetes.io/component': 'history' }, '10.1.6.2'),
  'Temporal’s UI': pod('temporal', { ...named('temporal'), 'app.kubernetes.io/component': 'web' }, '10.1.6.3'),
  redis: pod('kong', named('redis'), '10.1.7.1'),
  'a pod without labels': pod('webhooks', {}, '10.1.8.1'),
};

/** Every port that something of the above listens on, and what an attacker would try next. */
export const PORTS: readonly Port[] = [
  ...[22, 80, 443, 2379, 4222, 5432, 6222, 6379, 6443, 7222, 7233, 8001, 8080, 8222, 8443, 9090, 9229, 10250].map(
    (port) => ({ port }),
  ),
  { port: 53 },
  { port: 53, protocol: 'UDP' },
  { port: 443, protocol: 'UDP' },
];
