import type { CreateWebhook } from '../contracts/rest/webhook.js';
import type { Database } from '../db/client.js';
import { DatabaseError } from '../db/errors.js';
import type { WebhookRecord } from '../db/webhooks/webhook-record.js';
import {
  findWebhookByIdempotencyKey,
  insertWebhook,
  type EarlierRegistration,
  type Idempotency,
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
  /** With the URL as it is stored. */
  readonly body: CreateWebhook;
  readonly idempotencyKey: string | undefined;
}

export interface RegisteredWebhook {
  readonly webhook: WebhookRecord;
  /** Absent where the webhook was registered by an earlier request with the same key: its secret was shown then. */
  readonly secret?: string;
}

/**
 * Registers once an idempotency key, for as long as the webhook exists.
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
    const same = found.digest !== null && isEqualInConstantTime(found.digest, idempotency.digest);
    if (!same || !(await hasSameSecret(secrets, { accountId, found, secret: body.secret }))) {
      throw new ProblemError('idempotency_key_reused');
    }
    return { webhook: found.webhook };
  }

  return async (asked: RegisterWebhookRequest): Promise<RegisteredWebhook> => {
    const { accountId, body, idempotencyKey } = asked;
    const { secret: given, ...content } = body;
    const { secret, key } = parseOrGenerateSecret(given);
    const idempotency =
      idempotencyKey === undefined ? undefined : { key: idempotencyKey, digest: digestRegistration(body) };
    const before = await findEarlierRegistration(asked, idempotency);
    if (before !== undefined) return before;
    const id = uuidV7(now());
    const secretEnc = await sealSecret({ accountId, webhookId: id, key });
    try {
      const webhook = await insertWebhook(db, accountId, { ...content, id, secretEnc, idempotency });
      if (webhook !== undefined) return { webhook, secret };
    } catch (error) {
      // The tenth may be the same request, a moment earlier.
      const meanwhile = error instanceof DatabaseError && (await findEarlierRegistration(asked, idempotency));
      if (!meanwhile) throw error;
      return meanwhile;
    }
    const meanwhile = await findEarlierRegistration(asked, idempotency);
    // Registered and removed within the same moment.
    if (meanwhile === undefined) throw new ProblemError('unavailable');
    return meanwhile;
  };
}

/** Nothing that is derived from a secret is stored outside of its envelope: that there was one has to do here. */
function digestRegistration({ secret, metadata, ...rest }: CreateWebhook): Buffer {
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(
    JSON.stringify([rest.url, rest.description, rest.eventTypes, rest.rateLimit, sorted, secret !== undefined]),
  );
}

interface SecretComparisonRequest {
  readonly accountId: string;
  readonly found: EarlierRegistration;
  readonly secret: string | undefined;
}

/** Whether the repeated request brings the secret of the first one, as long as the webhook still has that. */
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
