import { readFileSync } from 'node:fs';
import type { TemporalConfig } from '../../config/groups/temporal.js';

/** Builds options for both `Connection.connect` of the client and `NativeConnection.connect` of the worker. */
export function temporalOptions({ address, tls }: Pick<TemporalConfig, 'address' | 'tls'>) {
  if (tls === undefined) return { address };
  const clientCertPair = { crt: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  return { address, tls: { serverRootCACertificate: readFileSync(tls.caFile), clientCertPair } };
}
