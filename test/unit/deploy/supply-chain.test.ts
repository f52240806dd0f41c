import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const list = (folder: string) => readdirSync(new URL(folder, root));

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, string>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, { permissions?: Record<string, string>; steps: Step[]; strategy?: { matrix: unknown } }>;
}

const sources = list('.github/workflows').map((name) => [name, read(`.github/workflows/${name}`)] as const);
const workflows = sources.map(([name, text]) => [name, parse(text) as Workflow] as const);
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);
const security = Object.fromEntries(workflows)['security.yml']!;
const runs = (job: string) => security.jobs[job]!.steps.map(({ run }) => run);
const trivy = stepsOf(security).filter(({ uses }) => uses?.startsWith('aquasecurity/trivy-action@'));

describe.each(sources)('the workflow %s', (name, text) => {
  const workflow = parse(text) as Workflow;

  test('SUP-04 uses actions by commit, with the tag beside it', () => {
    const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
    expect(uses).toHaveLength(stepsOf(workflow).filter((step) => step.uses !== undefined).length);
    for (const action of uses) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('SUP-04 gives its jobs no more than they need, and forks nothing', () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    expect(
      Object.entries(workflow.permissions).filter(([scope, grant]) => scope !== 'contents' || grant !== 'read'),
    ).toEqual([]);
    const writes = Object.values(workflow.jobs).flatMap(({ permissions = {} }) =>
      Object.entries(permissions).filter(([, grant]) => grant !== 'read'),
    );
    expect(writes).toEqual(name === 'security.yml' ? [['security-events', 'write']] : []);
    for (const { uses, with: input } of stepsOf(workflow))
      if (uses?.startsWith('actions/checkout@')) expect(input).toMatchObject({ 'persist-credentials': false });
  });

  test('SUP-04 is not steered by what a stranger can write', () => {
    for (const { run = '' } of stepsOf(workflow))
      expect(run).not.toMatch(/\$\{\{ *(?:github\.(?:event|head_ref)|inputs)/);
  });
});

test('SUP-04 an action has one pin in all workflows', () => {
  const pins = new Set(workflows.flatMap(([, workflow]) => stepsOf(workflow).flatMap(({ uses = [] }) => uses)));
  const actions = [...pins].map((pin) => pin.split('@')[0]);
  expect(new Set(actions).size).toBe(actions.length);
});

describe('the workflow of security', () => {
  test('runs on every change and every night', () => {
    expect(Object.keys(security.on).sort()).toEqual(['pull_request', 'push', 'schedule']);
  });

  test('SUP-01 fails on advisories of high severity, in all packages and before anything of them is run', () => {
    expect(runs('dependencies')).toEqual(
      expect.arrayContaining(['npm ci --ignore-scripts', 'npm audit --audit-level=high', 'npm audit signatures']),
    );
    expect(read('.github/workflows/security.yml')).not.toMatch(/continue-on-error|\|\| true/);
  });

  test('SUP-02 Trivy fails on the tree and on both images', () => {
    expect(trivy.map(({ with: input }) => input!['scan-type'])).toEqual(['fs', 'image']);
    for (const { with: input } of trivy)
      expect(input).toMatchObject({ severity: 'HIGH,CRITICAL', 'exit-code': '1', trivyignores: '.trivyignore' });
    const { include } = security.jobs['images']!.strategy!.matrix as { include: { image: string }[] };
    expect(include.map(({ image }) => `${image}.Dockerfile`).sort()).toEqual(dockerfiles);
  });

  test('SUP-02 each accepted finding says why and until when', () => {
    const lines = read('.trivyignore').split('\n');
    for (const [at, line] of lines.entries()) {
      if (line === '' || line.startsWith('#')) continue;
      const [, made = '', until = ''] =
        /\(.+, (\d{4}-\d\d-\d\d)\)\n\S+ exp:(\d{4}-\d\d-\d\d)$/.exec(lines.slice(at - 1, at + 1).join('\n')) ?? [];
      expect([line, (Date.parse(until) - Date.parse(made)) / 86_400_000 <= 30]).toEqual([line, true]);
    }
  });

  test('SUP-04 keeps a bill of materials', () => {
    expect(runs('dependencies')).toContain('npm sbom --sbom-format cyclonedx --omit dev > sbom.cdx.json');
  });
});

const dockerfiles = list('deploy/docker')
  .filter((name) => name.endsWith('Dockerfile'))
  .sort();
const BASES: Record<string, RegExp> = {
  'api.Dockerfile': /^node:20\.\d+\.\d+-alpine@sha256:[0-9a-f]{64}$/,
  'dispatcher.Dockerfile': /^node:20\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/,
};

describe.each(dockerfiles)('%s', (name) => {
  const text = read(`deploy/docker/${name}`).replace(/\\\n/g, ' ');
  const instructions = text.split('\n').filter((line) => /^[A-Z]+ /.test(line));
  const runtime = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')));

  test('SUP-03 SUP-04 is built on one image, by digest', () => {
    const from = instructions.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' '));
    const stages = from.flatMap(([, , , stage]) => stage ?? []);
    const outside = from.flatMap(([, image = '']) => (stages.includes(image) ? [] : [image]));
    expect(outside).toEqual([expect.stringMatching(BASES[name]!)]);
  });

  test('SUP-03 runs as a numbered user without privileges, without a shell in between', () => {
    const users = runtime.filter((line) => line.startsWith('USER '));
    expect(users).toEqual(['USER 10001:10001']);
    expect(runtime.slice(runtime.indexOf('USER 10001:10001')).filter((line) => line.startsWith('RUN'))).toEqual([]);
    expect(instructions.filter((line) => line.startsWith('ENTRYPOINT'))).toEqual(['ENTRYPOINT ["node"]']);
    expect(runtime.at(-1)).toMatch(/^CMD \["dist\/bin\/(?:api|dispatcher)\.js"\]$/);
  });

  test('SUP-03 is in production by default', () => {
    expect(runtime).toContain('ENV NODE_ENV=production');
  });

  test('SUP-03 installs by lockfile, without scripts, without development packages, and leaves the installers behind', () => {
    const installs = instructions.filter((line) => /npm (?:ci|install|i )/.test(line));
    for (const line of installs) expect(line).toContain('npm ci --ignore-scripts');
    expect(installs.at(-1)).toContain('--omit=dev');
    expect(text).toMatch(/rm -rf [^\n]*\/usr\/local\/lib\/node_modules [^\n]*\/usr\/local\/bin\/npm /);
    expect(text).not.toMatch(/^ADD |curl |wget |COPY .*\.env/m);
  });
});

test('SUP-03 deliveries find the system’s authorities in the dispatcher’s image', () => {
  expect(read('deploy/docker/dispatcher.Dockerfile')).toMatch(/install --yes --no-install-recommends ca-certificates/);
});

test('SUP-03 Temporal’s core has builds for glibc and none for musl: with one, the second base image may go', () => {
  const releases = list('node_modules/@temporalio/core-bridge/releases');
  expect(releases.filter((name) => name.endsWith('linux-gnu'))).toHaveLength(2);
  expect(releases.filter((name) => name.includes('musl'))).toEqual([]);
});

test('SUP-03 the build context is the compiled sources, and nothing else', () => {
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const { include } = parse(read('tsconfig.build.json')) as { include: string[] };
  const needed = [...include, 'package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json'];
  expect(allowed.sort()).toEqual(['*', ...needed.map((path) => `!${path}`)].sort());
});

test('SUP-04 images of the development setup have a full version; none of them has a digest yet', () => {
  const { services } = parse(read('docker-compose.temporal.yml'), { merge: true }) as {
    services: Record<string, { image: string }>;
  };
  const images = [...new Set(Object.values(services).map(({ image }) => image))];
  const outside = images.filter((image) => !image.endsWith(':development'));
  for (const image of outside)
    expect(image).toMatch(/^[\w./-]+:\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?(?:@sha256:[0-9a-f]{64})?$/);
  // Open: each needs its digest looked up in its registry. An image that gets one leaves this list.
  expect(
    outside
      .filter((image) => !image.includes('@'))
      .map((image) => image.split(':')[0])
      .sort(),
  ).toEqual(['nats', 'postgres', 'temporalio/admin-tools', 'temporalio/server', 'temporalio/ui']);
});

describe('SUP-04 Dependabot', () => {
  const { version, updates } = parse(read('.github/dependabot.yml')) as {
    version: number;
    updates: {
      'package-ecosystem': string;
      directory?: string;
      directories?: string[];
      schedule: { interval: string };
    }[];
  };

  test('knows every kind of dependency there is', () => {
    expect(version).toBe(2);
    expect(updates.map((update) => update['package-ecosystem']).sort()).toEqual([
      'docker',
      'docker-compose',
      'github-actions',
      'gomod',
      'npm',
    ]);
    for (const { schedule } of updates) expect(schedule.interval).toMatch(/^(?:daily|weekly|monthly)$/);
  });

  test('looks where they are', () => {
    const folders = (ecosystem: string) =>
      updates
        .filter((update) => update['package-ecosystem'] === ecosystem)
        .flatMap(({ directory, directories }) => directory ?? directories ?? []);
    expect(
      folders('docker')
        .flatMap((folder) => list(folder.slice(1)).filter((name) => name.endsWith('Dockerfile')))
        .sort(),
    ).toEqual(dockerfiles);
    expect(folders('gomod').sort()).toEqual(
      list('tools')
        .map((name) => `/tools/${name}`)
        .sort(),
    );
    expect([...folders('npm'), ...folders('docker-compose'), ...folders('github-actions')]).toEqual(['/', '/', '/']);
  });
});
