import type { ConfigProblem } from '../config-error.js';

/** Paths of PEM files. Paths instead of contents, so that the next connection uses a rotated certificate. */
export interface ClientTls {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsPaths {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Refuses a part of the three files: the connection would fail later or would not be mutual. */
export function findIncompleteTls(prefix: string, { ca, cert, key }: TlsPaths): ConfigProblem[] {
  const given = [ca, cert, key].filter((path) => path !== undefined).length;
  if (given === 0 || given === 3) return [];
  const names = `${prefix}_CA, ${prefix}_CERT and ${prefix}_KEY`;
  return [{ name: prefix, wrong: 'is incomplete', expected: `${names}, all or none` }];
}

export function clientTls({ ca, cert, key }: TlsPaths): ClientTls | undefined {
  return ca === undefined || cert === undefined || key === undefined
    ? undefined
    : { caFile: ca, certFile: cert, keyFile: key };
}
