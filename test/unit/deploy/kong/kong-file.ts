import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Plugin {
  readonly name: string;
  readonly config: Record<string, unknown>;
}

export interface Route {
  readonly protocols: string[];
  readonly hosts: string[];
  readonly paths: string[];
  readonly methods: string[];
  readonly strip_path: boolean;
  readonly plugins: Plugin[];
}

interface Service {
  readonly port: number;
  readonly retries: number;
  readonly routes: Route[];
  readonly client_certificate: { id: string };
  readonly ca_certificates: string[];
}

export interface KongFile {
  readonly certificates: { id: string; cert: string; key: string }[];
  readonly ca_certificates: { id: string; cert: string }[];
  readonly consumers: { jwt_secrets: { key: string; algorithm: string; rsa_public_key: string }[] }[];
  readonly services: Service[];
  readonly plugins?: Plugin[];
}

const PLACE = /\$\{\{ env "(\w+)"(?: \| indent (\d+))? \}\}/g;

export const kongSource = (): string =>
  readFileSync(new URL('../../../../deploy/kong/kong.yaml', import.meta.url), 'utf8');

/** Fills the template as decK does (`env`, and `indent`, which leaves the first line alone) and parses the result. */
export function renderKong(source: string, values: Readonly<Record<string, string>>): KongFile {
  const text = source.replace(PLACE, (_place, name: string, columns?: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${name} is not given`);
    return value.replaceAll('\n', `\n${' '.repeat(Number(columns ?? 0))}`);
  });
  return parse(text) as KongFile;
}

/** The names that the template asks for. */
export const placesIn = (source: string): string[] => [...source.matchAll(PLACE)].map(([, name]) => name ?? '');
