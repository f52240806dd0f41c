import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPartitionsOptions } from '../../../bin/partitions-options.js';
import { loadApiConfig } from '../../../config/load-api-config.js';
import { loadDispatcherConfig } from '../../../config/load-dispatcher-config.js';
import type { Environment } from '../../../config/environment.js';
import { loadMigrateConfig } from '../../../config/load-migrate-config.js';
import { renderManifests, type Manifest } from './render-manifests.js';
import { environmentOf, mountedFiles, workloadsOf, type PodSpec, type Workload } from './workloads.js';

const COMPONENTS = ['api', 'dispatcher', 'migrate', 'partitions'];
const LOADERS: Record<string, (env: Environment) => unknown> = {
  api: loadApiConfig,
  dispatcher: loadDispatcherConfig,
  migrate: loadMigrateConfig,
  partitions: loadMigrateConfig,
};
/** Read by Node and by the AWS SDK themselves. */
const RUNTIME_VARIABLES = [
  'UV_THREADPOOL_SIZE',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
];

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const files = mkdtempSync(join(tmpdir(), 'manifests-'));
let manifests: Manifest[];
let workloads: Workload[];

beforeAll(async () => {
  manifests = await renderManifests('overlays/example');
  workloads = workloadsOf(manifests);
}, 6 * 60_000);
afterAll(() => rmSync(files, { recursive: true }));

const workload = (component: string) => workloads.find((each) => each.component === component)!;
const ofKind = (kind: string) => manifests.filter((each) => each.kind === kind);

/** The names a loader asks for. Loading fails on most environments; what it looked at is known all the same. */
function namesReadBy(load: (env: Environment) => unknown): Set<string> {
  const names = new Set<string>();
  try {
    load(new Proxy({}, { get: (_, name) => void names.add(String(name)) }));
  } catch {
    // An empty environment is no configuration.
  }
  return names;
}

/** The environment with each mounted file really there, in a folder of this test. */
function withFiles(component: string): Record<string, string> {
  const mounted = mountedFiles(workload(component));
  for (const file of mounted) {
    mkdirSync(dirname(join(files, file)), { recursive: true });
    writeFileSync(join(files, file), 'content\n');
  }
  const environment = Object.entries(environmentOf(workload(component), manifests));
  return Object.fromEntries(
    environment.map(([name, value]) => [name, mounted.includes(value) ? join(files, value) : value]),
  );
}

describe.each(COMPONENTS)('environment of %s', (component) => {
  test('is accepted by its configuration in production', () => {
    expect(LOADERS[component]!(withFiles(component))).toMatchObject({ process: { production: true } });
  });

  test('names only variables that the process reads', () => {
    const known = [...namesReadBy(LOADERS[component]!), ...RUNTIME_VARIABLES];
    const names = Object.keys(environmentOf(workload(component), manifests));
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('names only files that a volume brings, and every one of them', () => {
    const paths = Object.values(environmentOf(workload(component), manifests)).filter((value) => value.startsWith('/'));
    expect([...new Set(paths)].sort()).toEqual(mountedFiles(workload(component)).sort());
  });

  test('holds no secret: they are files', () => {
    const names = Object.keys(environmentOf(workload(component), manifests));
    expect(names.filter((name) => /PASSWORD|SECRET|TOKEN|_KEY$/.test(name) && !/_FILE$|_TLS_KEY$/.test(name))).toEqual(
      [],
    );
    expect(ofKind('Secret')).toEqual([]);
    for (const { value } of workload(component).container.env) expect(value).toBeDefined();
  });
});

describe.each(COMPONENTS)('K8S-04 the pod of %s', (component) => {
  test('passes the restricted profile', () => {
    expect(violationsOf(workload(component).pod)).toEqual([]);
  });

  test('has a read-only root, one user and no way to the Kubernetes API', () => {
    const { pod, container } = workload(component);
    expect(container.securityContext['readOnlyRootFilesystem']).toBe(true);
    expect(pod.securityContext).toMatchObject({ runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001 });
    expect([pod['automountServiceAccountToken'], pod['enableServiceLinks']]).toEqual([false, false]);
    const accounts = ofKind('ServiceAccount').map(({ metadata }) => metadata.name);
    expect(accounts).toContain(pod.serviceAccountName);
    for (const mount of container.volumeMounts) expect(mount.readOnly).toBe(true);
    for (const { secret } of pod.volumes) expect(secret?.defaultMode ?? 0o400).toBe(0o400);
  });

  test('has bounded resources and an image by digest', () => {
    const { container, pod } = workload(component);
    expect(container.image).toMatch(/^[\w./-]+@sha256:[0-9a-f]{64}$/);
    expect(Object.keys({ ...container.resources.requests, ...container.resources.limits }).sort()).toEqual([
      'cpu',
      'ephemeral-storage',
      'memory',
    ]);
    expect(pod.dnsConfig.options).toContainEqual({ name: 'ndots', value: '1' });
  });
});

describe.each(['api', 'dispatcher'])('the %s', (component) => {
  test('K8S-03 is probed on its internal port, alive without and ready with its parts', () => {
    const { container } = workload(component);
    expect(container.ports).toContainEqual({ name: 'internal', containerPort: 9090 });
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    expect(probes.map((probe) => probe?.httpGet)).toEqual(
      ['/health', '/health', '/ready'].map((path) => ({ path, port: 'internal' })),
    );
    // Longer than the second that a check of readiness may take.
    for (const probe of probes) expect(probe?.timeoutSeconds).toBeGreaterThan(1);
  });

  test('is given more time to stop than it takes', () => {
    const { pod, container } = workload(component);
    const [, deadline = ''] = /deadlineMs: ([\d_]+)/.exec(read(`bin/${component}.ts`)) ?? [];
    const pause = container.lifecycle?.preStop.sleep.seconds ?? 0;
    expect(pod.terminationGracePeriodSeconds! - pause).toBeGreaterThan(Number(deadline.replace('_', '')) / 1_000);
  });

  test('is drained one pod at a time', () => {
    const budget = ofKind('PodDisruptionBudget').map(({ spec }) => spec);
    expect(budget).toContainEqual({ maxUnavailable: 1, selector: { matchLabels: workload(component).labels } });
  });
});

test('all pods together open no more connections than the role may have', () => {
  const [, limit] = /ROLE hook_svc .*CONNECTION LIMIT (\d+)/.exec(read('deploy/postgres/roles.sql')) ?? [];
  const { maxReplicas } = ofKind('HorizontalPodAutoscaler')[0]!.spec as { maxReplicas: number };
  const { replicas } = ofKind('Deployment').find(({ metadata }) => metadata.name.endsWith('-dispatcher'))!.spec as {
    replicas: number;
  };
  const pool = (component: string) => Number(environmentOf(workload(component), manifests)['DATABASE_POOL_MAX']);
  // One pod more of each during a rollout.
  expect((maxReplicas + 1) * pool('api') + (replicas + 1) * pool('dispatcher')).toBeLessThanOrEqual(Number(limit));
});

test('K8S-04 the namespace refuses pods that are not restricted', () => {
  expect(ofKind('Namespace')[0]!.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
});

test('the nightly command is one that the program understands, and drops only partitions past retention', () => {
  const [program, ...args] = workload('partitions').container.args ?? [];
  expect(program).toBe('dist/bin/partitions.js');
  expect(readPartitionsOptions(args)).toEqual({ weeksAhead: 8, retentionDays: 90, dryRun: false, force: false });
});

test('K8S-04 nothing is published outside of the cluster, and of the API the public port alone', () => {
  const kinds = new Set(manifests.map(({ kind }) => kind));
  for (const kind of ['Ingress', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'])
    expect(kinds).not.toContain(kind);
  const services = ofKind('Service').map(({ spec }) => spec as { type?: string; ports: unknown });
  expect(services.map(({ type, ports }) => [type, ports])).toEqual([
    [undefined, [{ name: 'http', port: 8080, targetPort: 'http' }]],
  ]);
});

/** The restricted Pod Security Standard, field by field; empty when it passes. */
function violationsOf(pod: PodSpec): string[] {
  const allowedVolumes = [
    'configMap',
    'csi',
    'downwardAPI',
    'emptyDir',
    'ephemeral',
    'persistentVolumeClaim',
    'projected',
    'secret',
  ];
  const rules: Record<string, boolean> = {
    'host namespaces': ['hostNetwork', 'hostPID', 'hostIPC'].every((field) => pod[field] === undefined),
    'volume types': pod.volumes.every((volume) =>
      Object.keys(volume).every((key) => key === 'name' || allowedVolumes.includes(key)),
    ),
    'no init or ephemeral containers': pod['initContainers'] === undefined && pod['ephemeralContainers'] === undefined,
    'non-root': pod.securityContext['runAsNonRoot'] === true && pod.securityContext['runAsUser'] !== 0,
    seccomp: (pod.securityContext['seccompProfile'] as { type?: string } | undefined)?.type === 'RuntimeDefault',
    'no sysctls, labels or profiles': ['sysctls', 'seLinuxOptions', 'appArmorProfile', 'windowsOptions'].every(
      (field) => pod.securityContext[field] === undefined,
    ),
  };
  for (const { name, securityContext, ports = [] } of pod.containers) {
    rules[`${name}: host ports`] = ports.every(({ hostPort }) => hostPort === undefined);
    // Exactly these: an unknown field may be the one that opens everything.
    const { readOnlyRootFilesystem: _, ...context } = securityContext;
    rules[`${name}: security context`] =
      JSON.stringify(Object.entries(context).sort()) ===
      JSON.stringify([
        ['allowPrivilegeEscalation', false],
        ['capabilities', { drop: ['ALL'] }],
        ['privileged', false],
      ]);
  }
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}
