import type { Manifest } from './render-manifests.js';

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly timeoutSeconds: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: string[];
  readonly env: { name: string; value?: string }[];
  readonly envFrom: { configMapRef: { name: string } }[];
  readonly ports?: { name: string; containerPort: number; hostPort?: number }[];
  readonly volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  readonly securityContext: Record<string, unknown>;
  readonly resources: { requests: Record<string, string>; limits: Record<string, string> };
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { preStop: { sleep: { seconds: number } } };
}

interface Item {
  readonly key: string;
  readonly path: string;
}

export interface Volume {
  readonly name: string;
  readonly secret?: { secretName: string; defaultMode: number; items: Item[] };
  readonly projected?: { sources: { serviceAccountToken: { audience: string; path: string } }[] };
}

export interface PodSpec {
  readonly containers: Container[];
  readonly volumes: Volume[];
  readonly securityContext: Record<string, unknown>;
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly dnsConfig: { options: { name: string; value: string }[] };
  readonly [field: string]: unknown;
}

export interface Workload {
  readonly component: string;
  readonly labels: Record<string, string>;
  readonly pod: PodSpec;
  readonly container: Container;
}

interface WithTemplate {
  readonly template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
}

/** Everything that makes pods, by the pods' `component`. */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests
    .map(({ spec }) => (spec as { jobTemplate?: { spec: WithTemplate } } | undefined)?.jobTemplate?.spec ?? spec)
    .map((spec) => spec as Partial<WithTemplate> | undefined)
    .flatMap((spec) => (spec?.template === undefined ? [] : [spec.template]))
    .map(({ metadata: { labels }, spec: pod }) => {
      const [container, ...more] = pod.containers;
      if (container === undefined || more.length > 0) throw new Error('a pod of ours has one container');
      return { component: labels['component'] ?? '', labels, pod, container };
    });
}

/** The environment a container starts with, as its ConfigMaps and its own list make it. */
export function environmentOf({ container }: Workload, manifests: readonly Manifest[]): Record<string, string> {
  const maps = container.envFrom.map(({ configMapRef: { name } }) => {
    const map = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
    if (map === undefined) throw new Error(`there is no ConfigMap ${name}`);
    return map.data ?? {};
  });
  const own = container.env.map(({ name, value }) => [name, value ?? ''] as const);
  return Object.assign({}, ...maps, Object.fromEntries(own)) as Record<string, string>;
}

/** The files that volumes put into a container. */
export function mountedFiles({ pod, container }: Workload): string[] {
  return container.volumeMounts.flatMap(({ name, mountPath }) => {
    const volume = pod.volumes.find((each) => each.name === name);
    const secrets = volume?.secret?.items.map((item) => item.path) ?? [];
    const tokens = volume?.projected?.sources.map((source) => source.serviceAccountToken.path) ?? [];
    return [...secrets, ...tokens].map((file) => `${mountPath}/${file}`);
  });
}
