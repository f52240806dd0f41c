/** An error response of AWS KMS. `type` is the name of its exception. */
export class KmsError extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message = '', status = 400) {
    super(message);
    this.name = 'KmsError';
    this.type = type;
    this.status = status;
  }
}
