import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { chooseAnswer, type ScriptedAnswer } from './choose-answer.js';
import { createCustomerMemory, type CustomerMemory } from './create-customer-memory.js';
import { handleControl } from './handle-control.js';
import type { ReceivedRequest } from './received-request.js';
import { verifySignature } from './verify-signature.js';

/**
 * The sample customer. `/hooks/<behavior>` receives webhooks and checks the signature if the path has a secret.
 * `/_control/…` sets secrets and returns the received requests. `report` is called once per request, when the response
 * is chosen.
 */
export const createCustomerListener = (report: (request: ReceivedRequest) => void): RequestListener => {
  const memory = createCustomerMemory();
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://customer');
    void readBody(request)
      .then((body) => {
        if (url.pathname.startsWith('/_control/')) return handleControl({ request, response, url, body, memory });
        if (request.method === 'POST' && url.pathname.startsWith('/hooks/')) {
          const { answer, received } = receive({ request, url, body, memory });
          report(received);
          return send(response, answer);
        }
        return send(response, { status: 404 });
      })
      .catch(() => response.destroy());
  };
};

interface ReceiveInput {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
  readonly memory: CustomerMemory;
}

const receive = ({
  request,
  url,
  body,
  memory,
}: ReceiveInput): { answer: ScriptedAnswer; received: ReceivedRequest } => {
  const path = url.pathname;
  const id = header(request, 'webhook-id');
  const timestamp = header(request, 'webhook-timestamp');
  const secret = memory.secretOf(path);
  const signed = { id, timestamp, signatures: header(request, 'webhook-signature'), body };
  const signatureValid = secret === undefined ? null : verifySignature(signed, secret, Date.now() / 1_000);
  const timesSeen = memory.countVisit(path, id);
  const behavior = path.split('/')[2] ?? '';
  const answer: ScriptedAnswer =
    signatureValid === false
      ? { status: 401 }
      : chooseAnswer({ behavior, query: url.searchParams, timesSeen, repaired: memory.isRepaired(path) });
  const attempt = Number.parseInt(header(request, 'webhook-attempt'), 10);
  const received = memory.remember({
    path,
    webhookId: id,
    webhookTimestamp: timestamp,
    attempt: Number.isNaN(attempt) ? null : attempt,
    signatureValid,
    timesSeen,
    body: body.toString('utf8'),
    receivedAt: new Date().toISOString(),
    answeredStatus: answer.status ?? null,
  });
  return { answer, received };
};

const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};

const send = (response: ServerResponse, { status, headers, delayMs = 0, manner }: ScriptedAnswer): void => {
  if (manner === 'reset') response.socket?.resetAndDestroy();
  if (status === undefined) return;
  const timer = setTimeout(() => {
    response.writeHead(status, headers);
    if (manner === 'endless') dripForever(response);
    else response.end();
  }, delayMs);
  response.once('close', () => clearTimeout(timer));
};

const dripForever = (response: ServerResponse): void => {
  const drip = setInterval(() => response.write('.'), 100);
  response.once('close', () => clearInterval(drip));
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
