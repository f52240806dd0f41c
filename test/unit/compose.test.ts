import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { loadApiConfig } from '../../config/load-api-config.js';
import { loadDispatcherConfig } from '../../config/load-dispatcher-config.js';
import type { Environment } from '../../config/environment.js';
import { loadMigrateConfig } from '../../config/load-migrate-config.js';
import { loadSetupConfig } from '../../config/load-setup-config.js';

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  healthcheck?: { test: string[] };
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const source = read('docker-compose.temporal.yml');
const example = read('.env.example');

const VARIABLE = /\$\{(\w+):-([^}]*)\}/g;
const withDefaults = (text: string) => text.replace(VARIABLE, (_, _name: string, value: string) => value);

const { services } = parse(withDefaults(source), { merge: true }) as { services: Record<string, Service> };
const entries = Object.entries(services);

const LOADERS: Record<string, (env: Environment) => unknown> = {
  api: loadApiConfig,
  dispatcher: loadDispatcherConfig,
  migrate: loadMigrateConfig,
  setup: loadSetupConfig,
};

/** Read by the AWS SDK itself. */
const SDK_VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

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

describe('docker-compose.temporal.yml', () => {
  test.each(entries)('%s runs a pinned image', (_, { image }) => {
    expect(image).toMatch(/:(?:\d+\.\d+(?:\.\d+)?(?:-alpine)?|development)$/);
    expect(image).not.toMatch(/auto-setup|latest/);
  });

  test.each(entries)('%s has a health check, or others wait until it has completed', (name, { healthcheck }) => {
    const conditions = entries.flatMap(([, { depends_on: needs }]) => needs?.[name]?.condition ?? []);
    if (healthcheck === undefined) expect(conditions).toContain('service_completed_successfully');
    for (const condition of conditions)
      expect(condition).toBe(healthcheck ? 'service_healthy' : 'service_completed_successfully');
  });

  test.each(entries.filter(([, { ports }]) => ports))('%s is published on 127.0.0.1 alone', (_, { ports }) => {
    for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('no two services want the same port of the machine', () => {
    const ports = entries.flatMap(([, service]) => service.ports ?? []).map((port) => port.split(':')[1]);
    expect(new Set(ports).size).toBe(ports.length);
  });

  test('mounted files exist', () => {
    const files = entries.flatMap(([, { volumes }]) => volumes ?? []).filter((volume) => volume.startsWith('./'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(read(String(file.split(':')[0])).length).toBeGreaterThan(0);
  });
});

describe.each(Object.entries(LOADERS))('environment of %s', (name, load) => {
  const environment = services[name]?.environment ?? {};

  test('is accepted by its configuration', () => {
    expect(() => load(environment)).not.toThrow();
  });

  test('names no variable that the configuration does not read', () => {
    const known = [...namesReadBy(load), ...SDK_VARIABLES];
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
  });

  test('holds text only, so that nothing is reinterpreted on the way', () => {
    for (const value of Object.values(environment)) expect(typeof value).toBe('string');
  });
});

test.each(['api', 'dispatcher', 'migrate'])('%s refuses this environment in production', (name) => {
  const environment = { ...services[name]?.environment, NODE_ENV: 'production' };
  expect(() => LOADERS[name]?.(environment)).toThrow(/in production/);
});

describe('.env.example', () => {
  const named = new Map(
    [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );

  test('repeats each default of the compose file', () => {
    for (const [, name, value] of source.matchAll(VARIABLE)) expect([name, named.get(name)]).toEqual([name, value]);
  });

  test('names every variable that a service reads', () => {
    const refused = /^NODE_(?:TLS|EXTRA|USE)|^SSL_|_FILE$/;
    const read = Object.values(LOADERS).flatMap((load) => [...namesReadBy(load)]);
    expect(read.filter((name) => !refused.test(name) && !named.has(name))).toEqual([]);
  });
});
