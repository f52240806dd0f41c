import { timingSafeEqual } from 'node:crypto';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseDuration } from './parse-time.js';
import { readInputs, parseUnixSeconds, signAndWipeKeys, type SecretSource, type SigningDeps } from './sign.js';

export interface VerifyOptions extends SecretSource {
  readonly id: string;
  readonly timestamp: string;
  /** The complete header: one or more entries, separated by spaces. */
  readonly signature: string;
  readonly body: string;
  /** Maximum difference between the timestamp and now. Absent: not checked, because support cases are old. */
  readonly tolerance?: string | undefined;
}

/** `verify`: checks that a request carries a signature of this secret. Prints the reason and fails if not. */
export async function verify(deps: SigningDeps, options: VerifyOptions, output: Output): Promise<number> {
  const timestampSeconds = parseUnixSeconds(options.timestamp);
  const toleranceMs = options.tolerance === undefined ? Infinity : parseDuration(options.tolerance);
  const { key, body } = await readInputs(deps, options);
  const isTooFar = Math.abs(deps.now() - timestampSeconds * 1_000) > toleranceMs;
  const problem = isTooFar ? 'timestamp_too_far' : findSignatureProblem(options, { timestampSeconds, body, key });
  const { paint } = output;
  output.writeResult(
    problem === undefined ? { valid: true } : { valid: false, reason: problem },
    problem === undefined ? paint.good('✓ the signature is valid') : paint.bad(`✗ ${HINTS[problem]}`),
  );
  return problem === undefined ? EXIT.ok : EXIT.failed;
}

const HINTS = {
  timestamp_too_far: 'the timestamp is further from now than --tolerance',
  no_v1_signature: 'the header holds no v1 signature: expected v1,<base64>, several with a space between',
  signature_differs:
    'no signature matches: the secret or the body bytes differ (compare before any parsing or re-encoding)',
} as const;

interface Signed {
  readonly timestampSeconds: number;
  readonly body: Buffer;
  readonly key: Buffer;
}

/** Standard Webhooks 1.0.0, "Verifying signatures": one matching entry is enough. Compared in constant time. */
function findSignatureProblem(
  { id, signature }: VerifyOptions,
  { key, ...signed }: Signed,
): 'no_v1_signature' | 'signature_differs' | undefined {
  const entries = signature.split(' ').filter((entry) => entry.startsWith('v1,'));
  if (entries.length === 0) return 'no_v1_signature';
  const expected = Buffer.from(signAndWipeKeys({ id, ...signed, keys: [key] })['webhook-signature']);
  const hasMatch = entries.some((entry) => {
    const received = Buffer.from(entry);
    return received.length === expected.length && timingSafeEqual(received, expected);
  });
  return hasMatch ? undefined : 'signature_differs';
}
