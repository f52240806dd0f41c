import type { CreateWebhook } from '../contracts/rest/webhook.js';
import type { Database } from '../db/client.js';
import { DatabaseError } from '../db/errors.js';
import type { WebhookRecord } from '../db/webhooks/webhook-record.js';
import {
  findWebhookByIdempotencyKey,
  insertWebhook,
  type EarlierRegistration,
  type Idempotency,
  type NewWebhook,
} from '../db/webhooks/webhooks.js';
import { digestOf, isEqualInConstantTime } from '../domain/security/digest.js';
import { uuidV7 } from '../domain/security/uuid-v7.js';
import type { SecretBox } from '../keys/secret-box.js';
import { parseSecretKey, parseOrGenerateSecret } from './endpoint-input.js';
import { ProblemError } from './problem-error.js';
import { createSealSecret } from './seal-secret.js';

export interface RegisterWebhookDeps {
  readonly db: Database;
  readonly secrets: SecretBox;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface RegisterWebhookRequest {
  readonly accountId: string;
  /** Its URL is in canonical form. */
  readonly body: CreateWebhook;
  readonly idempotencyKey: string | undefined;
}

export interface RegisteredWebhook {
  readonly webhook: WebhookRecord;
  /** Absent if an earlier request with the same key registered the webhook: its response showed the secret. */
  readonly secret?: string;
}

/**
 * Registers a webhook at most once per idempotency key, for as long as that webhook exists.
 * @throws ProblemError `idempotency_key_reused`, `invalid_request`; KmsUnavailable, DatabaseError
 */
export function createRegisterWebhook({ db, secrets, now }: RegisterWebhookDeps) {
  const sealSecret = createSealSecret(db, secrets);

  async function findEarlierRegistration(
    { accountId, body }: RegisterWebhookRequest,
    idempotency: Idempotency | undefined,
  ) {
    const found = idempotency && (await findWebhookByIdempotencyKey(db, accountId, idempotency.key));
    if (found === undefined || idempotency === undefined) return undefined;
    const hasSameDigest = found.digest !== null && isEqualInConstantTime(found.digest, idempotency.digest);
    if (!hasSameDigest || !(await hasSameSecret(secrets, { accountId, found, secret: body.secret }))) {
      throw new ProblemError('idempotency_key_reused');
    }
    return { webhook: found.webhook };
  }

  return async (request: RegisterWebhookRequest): Promise<RegisteredWebhook> => {
    const { accountId, body, idempotencyKey } = request;
    const { secret: givenSecret, ...rest } = body;
    // The type: a setting that the contract accepts and the database does not store does not compile.
    const content: Pick<NewWebhook, keyof typeof rest> = rest;
    const { secret, key } = parseOrGenerateSecret(givenSecret);
    const idempotency =
      idempotencyKey === undefined ? undefined : { key: idempotencyKey, digest: digestRegistration(body) };
    const earlier = await findEarlierRegistration(request, idempotency);
    if (earlier !== undefined) return earlier;
    const id = uuidV7(now());
    const secretEnc = await sealSecret({ accountId, webhookId: id, key });
    try {
      const webhook = await insertWebhook(db, accountId, { ...content, id, secretEnc, idempotency });
      if (webhook !== undefined) return { webhook, secret };
    } catch (error) {
      // A concurrent repetition of this request may have registered the account's tenth webhook.
      const concurrent = error instanceof DatabaseError && (await findEarlierRegistration(request, idempotency));
      if (!concurrent) throw error;
      return concurrent;
    }
    const concurrent = await findEarlierRegistration(request, idempotency);
    // A concurrent repetition registered the webhook, and it has been deleted since.
    if (concurrent === undefined) throw new ProblemError('unavailable');
    return concurrent;
  };
}

/**
 * Digest of a registration; its repetition must have the same one. It is stored, so the order of the values never changes and a
 * new field goes last. `satisfies`: a field that is forgotten here does not compile.
 */
function digestRegistration(body: CreateWebhook): Buffer {
  const values = {
    url: body.url,
    description: body.description,
    eventTypes: body.eventTypes,
    rateLimit: body.rateLimit,
    metadata: Object.entries(body.metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    // Nothing derived from a secret is stored outside of its envelope; the secrets themselves are compared separately.
    secret: body.secret !== undefined,
  } satisfies Record<keyof CreateWebhook, unknown>;
  return digestOf(JSON.stringify(Object.values(values)));
}

interface SecretComparisonRequest {
  readonly accountId: string;
  readonly found: EarlierRegistration;
  readonly secret: string | undefined;
}

/** Whether a repeated request brings the first one's secret. After a rotation that secret is not current, and any is accepted. */
async function hasSameSecret(
  { openKey, withSecret }: SecretBox,
  { accountId, found, secret }: SecretComparisonRequest,
): Promise<boolean> {
  const { webhook, secretEnc: envelope } = found;
  if (secret === undefined || webhook.secretVersion !== 1) return true;
  const key = parseSecretKey(secret);
  try {
    const dataKey = await openKey(envelope, accountId);
    return withSecret({ dataKey, envelope, accountId, webhookId: webhook.id }, (stored) =>
      isEqualInConstantTime(stored, key),
    );
  } finally {
    key.fill(0);
  }
}
