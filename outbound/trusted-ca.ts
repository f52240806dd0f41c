import { readSystemCa } from './system-ca.js';

/**
 * The authorities that customer certificates may come from, as one PEM bundle: those of the system, and `added` beside them.
 *
 * @throws Error when the system has no bundle, as `readSystemCa`.
 */
export function readTrustedCa(added?: string): string {
  return added === undefined ? readSystemCa() : `${readSystemCa().trimEnd()}\n${added}`;
}
