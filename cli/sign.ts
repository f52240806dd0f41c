import { parseSecretInput } from '../domain/security/secret-input.js';
import { type SignatureHeaders, type SignatureInput, signStandardWebhook } from '../domain/security/signing.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';

export interface SecretSource {
  /** Path of a file with the secret, `-` for standard input. Never the secret itself: every user can list command lines. */
  readonly secretFile: string;
}

export interface SignOptions extends SecretSource {
  readonly id: string;
  /** Unix seconds; now if absent. */
  readonly timestamp?: string | undefined;
  /** Path of a file with the exact bytes, `-` for standard input. */
  readonly body: string;
}

export interface SigningDeps {
  /** The bytes of a file, or of standard input for `-`. */
  readonly readInput: (path: string) => Promise<Buffer>;
  readonly now: () => number;
}

/** `sign`: prints the headers that the service would send with a body. */
export async function sign(deps: SigningDeps, options: SignOptions, output: Output): Promise<number> {
  const timestampSeconds =
    options.timestamp === undefined ? Math.floor(deps.now() / 1_000) : parseUnixSeconds(options.timestamp);
  const { key, body } = await readInputs(deps, options);
  const headers = signAndWipeKeys({ id: options.id, timestampSeconds, body, keys: [key] });
  output.writeResult(
    headers,
    Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  );
  return EXIT.ok;
}

/** Signs, and overwrites the keys with zeros afterwards. @throws CommandError on an id or timestamp that cannot be signed. */
export function signAndWipeKeys(input: SignatureInput): SignatureHeaders {
  try {
    return signStandardWebhook(input);
  } catch (error) {
    throw error instanceof TypeError ? new CommandError(error.message, EXIT.usage) : error;
  } finally {
    for (const key of input.keys) key.fill(0);
  }
}

/**
 * Reads the secret and the body.
 * @throws CommandError if both are to come from standard input, or the secret is not valid.
 */
export async function readInputs(
  { readInput }: Pick<SigningDeps, 'readInput'>,
  { secretFile, body: bodyPath }: SecretSource & { readonly body: string },
): Promise<{ key: Buffer; body: Buffer }> {
  if (secretFile === '-' && bodyPath === '-')
    throw new CommandError('only one of secret and body can come from standard input', EXIT.usage);
  const secret = parseSecretInput((await readInput(secretFile)).toString('utf8').replace(/\r?\n$/, ''));
  if (!secret.ok) throw new CommandError(`the secret is not usable: ${secret.reason}`, EXIT.usage);
  return { key: secret.key, body: await readInput(bodyPath) };
}

/** Reads 1 to 12 digits. @throws CommandError */
export function parseUnixSeconds(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new CommandError('the timestamp is not in Unix seconds', EXIT.usage);
  return Number(text);
}
