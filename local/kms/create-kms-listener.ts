import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { KeyStore } from './key-store.js';
import { KmsError } from './kms-error.js';
import { createOperations } from './operations.js';

/** Speaks AWS JSON 1.1 as KMS does: the operation in `x-amz-target`, errors as `__type`. Signatures are not checked. */
export const createKmsListener = (keys: KeyStore): RequestListener => {
  const operations = createOperations(keys);
  return (request, response) => {
    void readBody(request)
      .then((body) => {
        const operation = operations[operationName(request)];
        if (!operation) throw new KmsError('UnknownOperationException');
        answer(response, 200, operation(parse(body)));
      })
      .catch((error: unknown) => refuse(response, error));
  };
};

const operationName = ({ method, headers }: IncomingMessage): string => {
  if (!headers.authorization) throw new KmsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [service, operation] = String(headers['x-amz-target']).split('.');
  return method === 'POST' && service === 'TrentService' && operation ? operation : '';
};

const parse = (body: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Answered like any other body that is not an object.
  }
  throw new KmsError('SerializationException');
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const refuse = (response: ServerResponse, error: unknown): void => {
  const known = error instanceof KmsError ? error : new KmsError('KMSInternalException', '', 500);
  answer(response, known.status, { __type: known.type, ...(known.message && { message: known.message }) });
};

const answer = (response: ServerResponse, status: number, body: Record<string, unknown>): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify(body));
};
