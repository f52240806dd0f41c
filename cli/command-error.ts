import { EXIT } from './exit-codes.js';

/** An error for the operator. The message is printed unchanged, so it must not contain a secret. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
