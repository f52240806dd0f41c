import type { KeyObject } from 'node:crypto';
import { parseEnvelope, sealSecret, withSecret } from '../domain/security/envelope.js';
import type { DataKeys } from './data-keys.js';
import { SecretUndecryptable, toKeyError } from './key-errors.js';
import { isWrongKeyError } from './kms-with-previous-key.js';

export interface StoredEnvelope {
  readonly webhookId: string;
  readonly accountId: string;
  /** A webhook has an envelope of the current secret, and may have one of the previous secret. */
  readonly place: 'current' | 'previous';
  readonly envelope: Buffer;
}

export interface ReencryptCounts {
  accounts: number;
  envelopes: number;
  /** Envelopes under the previous master key, or under a data key that is too old. */
  stale: number;
  rewritten: number;
  /** Envelopes that were changed or removed between read and write: the other change stays. */
  overtaken: number;
  /** Envelopes that neither master key can decrypt. They stay unchanged. */
  undecryptable: number;
}

export interface ReencryptDeps {
  /** All envelopes of the next accounts after this one; an account is never split. Empty at the end. */
  readonly readEnvelopes: (afterAccountId: string | undefined) => Promise<StoredEnvelope[]>;
  /** Compare and set: false if the stored envelope has changed since it was read. */
  readonly replaceEnvelope: (stored: StoredEnvelope, envelope: Buffer) => Promise<boolean>;
  /** Data keys under the current master key only. */
  readonly current: DataKeys;
  /** Data keys under the master key that is being replaced. */
  readonly previous: DataKeys | undefined;
  /** Called after every page with the counts so far. */
  readonly reportProgress: (counts: ReencryptCounts) => void;
  readonly reportUndecryptable: (stored: StoredEnvelope, error: SecretUndecryptable) => void;
}

export interface ReencryptOptions {
  /** Days since 1970: envelopes under data keys generated before this day are stale. */
  readonly beforeDay: number;
  /** Opens every envelope and changes none. */
  readonly dryRun: boolean;
}

/**
 * Seals the secrets of all stale envelopes again, under the current master key and one current data key an account. After a
 * failure it can simply run again: a rewritten envelope is not stale any more.
 * @throws KmsUnavailable; errors of `readEnvelopes` and `replaceEnvelope`.
 */
export async function reencrypt(deps: ReencryptDeps, options: ReencryptOptions): Promise<ReencryptCounts> {
  const counts = { accounts: 0, envelopes: 0, stale: 0, rewritten: 0, overtaken: 0, undecryptable: 0 };
  let after: string | undefined;
  for (;;) {
    const page = await deps.readEnvelopes(after);
    const last = page.at(-1);
    if (last === undefined) return counts;
    for (const account of groupByAccount(page)) await reencryptAccount(deps, { ...options, account, counts });
    after = last.accountId;
    deps.reportProgress({ ...counts });
  }
}

function groupByAccount(page: readonly StoredEnvelope[]): Iterable<StoredEnvelope[]> {
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
  const stale: OpenedEnvelope[] = [];
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
    const envelope = await resealEnvelope(deps, opened, sibling);
    const isReplaced = await deps.replaceEnvelope(opened.stored, envelope);
    counts[isReplaced ? 'rewritten' : 'overtaken'] += 1;
    sibling = envelope;
  }
}

interface OpenedEnvelope {
  readonly stored: StoredEnvelope;
  readonly dataKey: KeyObject;
  readonly day: number;
  readonly isPrevious: boolean;
}

async function openOrReport(deps: ReencryptDeps, stored: StoredEnvelope): Promise<OpenedEnvelope | undefined> {
  try {
    return await openEnvelope(deps, stored);
  } catch (error) {
    const keyError = toKeyError(error);
    if (!(keyError instanceof SecretUndecryptable)) throw keyError;
    deps.reportUndecryptable(stored, keyError);
    return undefined;
  }
}

async function openEnvelope({ current, previous }: ReencryptDeps, stored: StoredEnvelope): Promise<OpenedEnvelope> {
  const found = await current.loadKeyForOpening(stored).then(
    (dataKey) => ({ dataKey, isPrevious: false }),
    async (error: unknown) => {
      if (previous === undefined || !isWrongKeyError(error)) throw error;
      return { dataKey: await previous.loadKeyForOpening(stored), isPrevious: true };
    },
  );
  // Decrypts the whole envelope now, so that a dry run finds the undecryptable ones as well.
  withSecret({ ...stored, dataKey: found.dataKey }, () => undefined);
  return { stored, ...found, day: parseEnvelope(stored.envelope).dataKeyDay };
}

/** The plaintext exists only while it is sealed. */
async function resealEnvelope(
  deps: ReencryptDeps,
  { stored, dataKey }: OpenedEnvelope,
  sibling: Buffer | undefined,
): Promise<Buffer> {
  const { accountId, webhookId } = stored;
  const { key, wrappedKey, day } = await deps.current.loadKeyForSealing({ accountId, sibling });
  return withSecret({ ...stored, dataKey }, (secret) =>
    sealSecret({ dataKey: key, dataKeyDay: day, wrappedKey, accountId, webhookId, secret }),
  );
}
