import type { KeyObject } from 'node:crypto';
import { parseEnvelope, sealSecret, withSecret } from '../domain/security/envelope.js';
import type { DataKeys } from './data-keys.js';
import { SecretUndecryptable, toKeyError } from './key-errors.js';
import { isWrongKeyError } from './kms-with-previous-key.js';

export interface StoredEnvelope {
  readonly webhookId: string;
  readonly accountId: string;
  /** A webhook may have two: of the secret in force, and of the one that it replaced. */
  readonly place: 'current' | 'previous';
  readonly envelope: Buffer;
}

export interface ReencryptCounts {
  accounts: number;
  envelopes: number;
  /** Under the previous master key, or under a data key that is too old. */
  stale: number;
  rewritten: number;
  /** Written or removed by somebody else between our reading and our writing: theirs stands. */
  overtaken: number;
  /** They open under neither key. They are left as they are. */
  undecryptable: number;
}

export interface ReencryptDeps {
  /** All envelopes of the accounts that follow this one, some accounts at a time and whole; empty at the end. */
  readonly readEnvelopes: (afterAccountId: string | undefined) => Promise<StoredEnvelope[]>;
  /** Compare and set: false when the stored envelope is no longer the one that was read. */
  readonly replaceEnvelope: (stored: StoredEnvelope, envelope: Buffer) => Promise<boolean>;
  /** Of the current master key alone. */
  readonly current: DataKeys;
  /** Of the master key that it replaces. */
  readonly previous: DataKeys | undefined;
  /** After every page, with the counts so far. */
  readonly reportProgress: (counts: ReencryptCounts) => void;
  readonly reportUndecryptable: (stored: StoredEnvelope, error: SecretUndecryptable) => void;
}

export interface ReencryptOptions {
  /** Days since 1970: envelopes under data keys made before it are stale. */
  readonly beforeDay: number;
  /** Opens everything and changes nothing. */
  readonly dryRun: boolean;
}

/**
 * Seals the secrets of all stale envelopes anew, under the current master key and one current data key an account. It keeps
 * no place: what it has rewritten is not stale any more, so run again it does the rest.
 * @throws KmsUnavailable, or what `read` and `replace` throw.
 */
export async function reencrypt(deps: ReencryptDeps, options: ReencryptOptions): Promise<ReencryptCounts> {
  const counts = { accounts: 0, envelopes: 0, stale: 0, rewritten: 0, overtaken: 0, undecryptable: 0 };
  let after: string | undefined;
  for (;;) {
    const page = await deps.readEnvelopes(after);
    const last = page.at(-1);
    if (last === undefined) return counts;
    for (const account of byAccount(page)) await reencryptAccount(deps, { ...options, account, counts });
    after = last.accountId;
    deps.reportProgress({ ...counts });
  }
}

function byAccount(page: readonly StoredEnvelope[]): Iterable<StoredEnvelope[]> {
  const accounts = new Map<string, StoredEnvelope[]>();
  for (const stored of page) accounts.set(stored.accountId, [...(accounts.get(stored.accountId) ?? []), stored]);
  return accounts.values();
}

interface AccountWork extends ReencryptOptions {
  readonly account: readonly StoredEnvelope[];
  readonly counts: ReencryptCounts;
}

async function reencryptAccount(deps: ReencryptDeps, work: AccountWork): Promise<void> {
  const { account, counts, beforeDay, dryRun } = work;
  counts.accounts += 1;
  counts.envelopes += account.length;
  const stale: Opened[] = [];
  let sibling: Buffer | undefined;
  for (const stored of account) {
    const opened = await openOrReport(deps, stored);
    if (opened === undefined) counts.undecryptable += 1;
    else if (opened.isPrevious || opened.day < beforeDay) stale.push(opened);
    else sibling = stored.envelope;
  }
  counts.stale += stale.length;
  if (dryRun) return;
  for (const opened of stale) {
    const envelope = await sealAgain(deps, opened, sibling);
    const replaced = await deps.replaceEnvelope(opened.stored, envelope);
    counts[replaced ? 'rewritten' : 'overtaken'] += 1;
    sibling = envelope;
  }
}

interface Opened {
  readonly stored: StoredEnvelope;
  readonly dataKey: KeyObject;
  readonly day: number;
  readonly isPrevious: boolean;
}

async function openOrReport(deps: ReencryptDeps, stored: StoredEnvelope): Promise<Opened | undefined> {
  try {
    return await open(deps, stored);
  } catch (error) {
    const keyError = toKeyError(error);
    if (!(keyError instanceof SecretUndecryptable)) throw keyError;
    deps.reportUndecryptable(stored, keyError);
    return undefined;
  }
}

async function open({ current, previous }: ReencryptDeps, stored: StoredEnvelope): Promise<Opened> {
  const found = await current.loadKeyForOpening(stored).then(
    (dataKey) => ({ dataKey, isPrevious: false }),
    async (error: unknown) => {
      if (previous === undefined || !isWrongKeyError(error)) throw error;
      return { dataKey: await previous.loadKeyForOpening(stored), isPrevious: true };
    },
  );
  // The whole envelope is checked now, so that counting alone finds what does not open.
  withSecret({ ...stored, dataKey: found.dataKey }, () => undefined);
  return { stored, ...found, day: parseEnvelope(stored.envelope).dataKeyDay };
}

/** The plaintext exists while this seals it, and nowhere else. */
async function sealAgain(
  deps: ReencryptDeps,
  { stored, dataKey }: Opened,
  sibling: Buffer | undefined,
): Promise<Buffer> {
  const { accountId, webhookId } = stored;
  const { key, wrappedKey, day } = await deps.current.loadKeyForSealing({ accountId, sibling });
  return withSecret({ ...stored, dataKey }, (secret) =>
    sealSecret({ dataKey: key, dataKeyDay: day, wrappedKey, accountId, webhookId, secret }),
  );
}
