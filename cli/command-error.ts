import { EXIT } from './exit-codes.js';

/** What the operator must know to go on. Its message is printed as it stands, so it repeats nothing that could be secret. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
