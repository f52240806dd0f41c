import { payloadsOf } from './leak-scan-sinks.js';
import type { Stack } from './stack.js';

/** All names in our payloads: inputs and results of workflows and activities, and the SDK's records of local activities. */
const NAMES = new Set(
  [
    'accountId workflowId webhookId deliveryId deliveryIds deliveries endpoints schedule cycle attemptsBefore jitterKey trigger',
    'attempt attempts outcome kind code status reason retryAfterMs unrecorded request facts',
    'startedAtMs durationMs secretVersion replay requestedBy delivered dead_lettered canceled skipped_disabled receivedAtMs',
    'seq activity_id activity_type complete_time original_schedule_time seconds nanos backoff',
  ].flatMap((line) => line.split(' ')),
);

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const VALUES = [
  new RegExp(`^${UUID}$`),
  new RegExp(`^wh-${UUID}-[A-Za-z0-9_-]{1,80}$`),
  /^evt_[A-Za-z0-9_-]{1,60}$/,
  // Codes, states, event types, names of activities.
  /^[A-Za-z_.]{1,100}$/,
  /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  // The few sentences that our code writes.
  /^requested through the API$/,
  new RegExp(`^(replay \\d+: )?[a-z_.]+ → (${UUID}|\\d+ endpoints?)$`),
  new RegExp(`^(wait for )?attempt \\d+ → ${UUID}( \\(\\d+ deliveries\\))?$`),
  /^\d+$/,
];

/** Names and values in the histories that are not in the lists above, as `workflow: name = value`. */
export async function unexpectedInHistories({ temporal }: Stack): Promise<string[]> {
  const unexpected = new Set<string>();
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const payload of payloadsOf(history)) {
      for (const fault of faultsOf(JSON.parse(payload.toString('utf8')), '')) unexpected.add(fault);
    }
  }
  return [...unexpected];
}

function faultsOf(value: unknown, name: string): string[] {
  if (typeof value === 'string') return VALUES.some((form) => form.test(value)) ? [] : [`${name} = ${value}`];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((inner) => faultsOf(inner, name));
  return Object.entries(value).flatMap(([key, inner]) => [...(NAMES.has(key) ? [] : [key]), ...faultsOf(inner, key)]);
}
