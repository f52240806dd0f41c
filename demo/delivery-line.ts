import type { Delivery } from '../contracts/rest/delivery.js';
import type { ReceivedRequest } from '../local/start-customer.js';
import type { Terminal } from './terminal.js';

/** Formats one attempt as a line: time, event, path, response status, the customer's signature check, and the next step. */
export function deliveryLine(
  request: ReceivedRequest,
  { terminal, delivery, pathWidth }: { terminal: Terminal; delivery: Delivery | undefined; pathWidth: number },
): string {
  const delivered = isSuccess(request);
  const status = String(request.answeredStatus ?? '---');
  return [
    terminal.faint(formatLocalTime(request.receivedAt)),
    ` ${request.webhookId} → ${request.path.padEnd(pathWidth)}`,
    ` attempt ${request.attempt ?? '?'} `,
    (delivered ? terminal.good : terminal.bad)(status),
    request.signatureValid === true ? ` signature ${terminal.good('✓')}` : ` signature ${terminal.bad('✗')}`,
    ` ${delivered ? terminal.good('delivered') : terminal.warn(describeNextStep(request, delivery))}`,
  ].join(' ');
}

export const isSuccess = ({ answeredStatus }: ReceivedRequest): boolean =>
  answeredStatus !== null && answeredStatus >= 200 && answeredStatus < 300;

function describeNextStep({ receivedAt }: ReceivedRequest, delivery: Delivery | undefined): string {
  if (delivery === undefined) return 'will be tried again';
  if (delivery.status === 'dead_lettered') return 'given up: dead letter';
  if (delivery.nextAttemptAt === null) return delivery.status.replaceAll('_', ' ');
  const seconds = (Date.parse(delivery.nextAttemptAt) - Date.parse(receivedAt)) / 1_000;
  return `next attempt in ${seconds.toFixed(1)} s`;
}

/** Formats with tenths of a second, which are enough to show the order. */
function formatLocalTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const tenths = Math.floor(date.getMilliseconds() / 100);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${tenths}`;
}
