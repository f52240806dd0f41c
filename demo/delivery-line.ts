import type { Delivery } from '../contracts/rest/delivery.js';
import type { ReceivedRequest } from '../local/start-customer.js';
import type { Terminal } from './terminal.js';

/** What one attempt came to, on one line: when, what, where to, the answer, the customer's own check, what comes next. */
export function deliveryLine(
  request: ReceivedRequest,
  { terminal, delivery, pathWidth }: { terminal: Terminal; delivery: Delivery | undefined; pathWidth: number },
): string {
  const delivered = isSuccess(request);
  const status = String(request.answeredStatus ?? '---');
  return [
    terminal.faint(localTime(request.receivedAt)),
    ` ${request.webhookId} → ${request.path.padEnd(pathWidth)}`,
    ` attempt ${request.attempt ?? '?'} `,
    (delivered ? terminal.good : terminal.bad)(status),
    request.signatureValid === true ? ` signature ${terminal.good('✓')}` : ` signature ${terminal.bad('✗')}`,
    ` ${delivered ? terminal.good('delivered') : terminal.warn(whatNext(request, delivery))}`,
  ].join(' ');
}

export const isSuccess = ({ answeredStatus }: ReceivedRequest): boolean =>
  answeredStatus !== null && answeredStatus >= 200 && answeredStatus < 300;

function whatNext({ receivedAt }: ReceivedRequest, delivery: Delivery | undefined): string {
  if (delivery === undefined) return 'will be tried again';
  if (delivery.status === 'dead_lettered') return 'given up: dead letter';
  if (delivery.nextAttemptAt === null) return delivery.status.replaceAll('_', ' ');
  const seconds = (Date.parse(delivery.nextAttemptAt) - Date.parse(receivedAt)) / 1_000;
  return `next attempt in ${seconds.toFixed(1)} s`;
}

/** Tenths of a second are enough to see the order. */
function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const tenths = Math.floor(date.getMilliseconds() / 100);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${tenths}`;
}
