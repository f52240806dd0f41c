import { timingSafeEqual } from 'node:crypto';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseDuration } from './parse-time.js';
import { readInputs, parseUnixSeconds, signAndWipeKeys, type SecretSource, type SigningDeps } from './sign.js';

export interface VerifyOptions extends SecretSource {
  readonly id: string;
  readonly timestamp: string;
  /** The whole header: one entry or several. */
  readonly signature: string;
  readonly body: string;
  /** How far the timestamp may be from now. Absent: it is not looked at, since a support case is old. */
  readonly tolerance?: string | undefined;
}

/** `verify`: whether a request carries a signature of this secret. Fails with the reason if not. */
export async function verify(deps: SigningDeps, options: VerifyOptions, output: Output): Promise<number> {
  const timestampSeconds = parseUnixSeconds(options.timestamp);
  const toleranceMs = options.tolerance === undefined ? Infinity : parseDuration(options.tolerance);
  const { key, body } = await readInputs(deps, options);
  const reason = Math.abs(deps.now() - timestampSeconds * 1_000) > toleranceMs ? 'timestamp_too_far' : undefined;
  const problem = reason ?? signatureProblem(options, { timestampSeconds, body, key });
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
    'no signature fits: another secret, or other bytes than were sent (compare before any parsing or re-encoding)',
} as const;

interface Signed {
  readonly timestampSeconds: number;
  readonly body: Buffer;
  readonly key: Buffer;
}

/** Standard Webhooks 1.0.0, "Verifying signatures": any entry of the list may fit; compared in constant time. */
function signatureProblem(
  { id, signature }: VerifyOptions,
  { key, ...signed }: Signed,
): 'no_v1_signature' | 'signature_differs' | undefined {
  const entries = signature.split(' ').filter((entry) => entry.startsWith('v1,'));
  if (entries.length === 0) return 'no_v1_signature';
  const expected = Buffer.from(signAndWipeKeys({ id, ...signed, keys: [key] })['webhook-signature']);
  const fits = entries.some((entry) => {
    const given = Buffer.from(entry);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return fits ? undefined : 'signature_differs';
}
