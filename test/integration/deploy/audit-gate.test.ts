import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const workflow = parse(readFileSync(new URL('../../../.github/workflows/security.yml', import.meta.url), 'utf8')) as {
  jobs: Record<string, { steps: { run?: string }[] }>;
};
const gate = workflow.jobs['dependencies']!.steps.flatMap(({ run }) =>
  run?.startsWith('npm audit --audit-level') ? [run] : [],
);

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
let registry: Server;
let severity: string;
let asked: string[];

/** A registry that knows one advisory, of the severity at hand, and how it is asked for (npm's bulk endpoint). */
beforeAll(async () => {
  const pinned = { name: 'fixture', version: '1.0.0', dependencies: { 'seeded-package': '1.0.0' } };
  const installed = { version: '1.0.0', resolved: 'http://127.0.0.1/seeded-package.tgz', integrity: 'sha512-AAAA' };
  const lock = { lockfileVersion: 3, packages: { '': pinned, 'node_modules/seeded-package': installed } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(pinned));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  registry = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const advisory = { id: 1, url: 'https://example.com/1', title: 'seeded', severity, vulnerable_versions: '<2.0.0' };
    const bulk = request.url?.endsWith('/advisories/bulk');
    request.resume().on('end', () => {
      response.writeHead(bulk ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(bulk ? { 'seeded-package': [advisory] } : {}));
    });
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  registry.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** With a cache of its own: npm keeps what it has learned about a package. */
const audit = (): Promise<{ code: number; report: string }> => {
  const [command = '', ...args] = gate[0]!.split(' ');
  const { port } = registry.address() as AddressInfo;
  const own = { npm_config_registry: `http://127.0.0.1:${port}`, npm_config_cache: join(folder, severity) };
  return new Promise((resolve) => {
    execFile(command, args, { cwd: folder, env: { ...process.env, ...own } }, (error, report) =>
      resolve({ code: Number(error?.code ?? 0), report }),
    );
  });
};

test.each([
  ['critical', 1],
  ['high', 1],
  ['moderate', 0],
  ['low', 0],
])('SUP-01 an advisory of %s severity ends the workflow’s own command with %d', async (found, code) => {
  severity = found;
  asked = [];
  expect(gate).toHaveLength(1);
  expect(await audit()).toEqual({ code, report: expect.stringContaining(`1 ${found} severity vulnerability`) });
  expect(asked).toContain('POST /-/npm/v1/security/advisories/bulk');
});
