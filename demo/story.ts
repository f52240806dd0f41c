import type { Delivery } from '../contracts/rest/delivery.js';
import { createDemoApi, type DemoApi } from './api.js';
import { compareWithPlan } from './compare-with-plan.js';
import { collectDeadLetters, type DeadLetters } from './dead-letters.js';
import { findFailedWorkflows } from './failed-workflows.js';
import type { DemoMessage } from './messages.js';
import { BROKEN_PATH, ENDPOINTS, createPlan, type Plan } from './plan.js';
import { publishMessages } from './publish-messages.js';
import { registerWebhooks } from './register.js';
import { recoverDeadLetters } from './recover-dead-letters.js';
import type { DemoServices } from './start-demo-services.js';
import { showFailures } from './show-failures.js';
import type { Count } from './summary.js';
import type { Terminal } from './terminal.js';
import { pollUntil } from './poll-until.js';
import { createRequestPrinter, type RequestPrinter } from './request-printer.js';

interface StoryInput {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly accountId: string;
  readonly messages: readonly DemoMessage[];
}

interface Story extends DemoServices, StoryInput {
  readonly api: DemoApi;
  readonly plan: Plan;
}

interface StoryResult {
  readonly counts: readonly Count[];
  /** By path at the customer. */
  readonly webhookIds: ReadonlyMap<string, string>;
}

/** Chapters 2 to 6. What does not happen in time is missing in the counts; only what cannot go on rejects. */
export async function runStory(services: DemoServices, telling: StoryInput): Promise<StoryResult> {
  const { accountId, messages } = telling;
  const api = createDemoApi(services.edge.url, services.edge.tokenFor(accountId));
  const plan = createPlan(
    messages.map(({ events }) => events),
    ENDPOINTS,
  );
  const story: Story = { ...services, ...telling, api, plan };
  const ids = await register(story);
  const letters = await collectDeadLetters(services.nats, accountId);
  const watch = watchCustomer(story, ids);
  const confirmed = await publish(story);
  await deliver(story, watch, letters);
  const failed = await lookAtFailures(story, letters);
  await repairAndReplay(story, watch, letters);
  const counts = compareWithPlan(plan, {
    confirmed,
    eventIds: messages.flatMap(({ events }) => events.map(({ id }) => id)),
    deliveries: await listDeliveriesWithOutcome(story, ids),
    letters: letters.deliveries,
    failedWorkflows: failed,
    requests: [...watch.requests],
  });
  return { counts, webhookIds: ids };
}

/** Long enough for the whole schedule on a slow machine. */
const PATIENCE_MS = 30_000;

function register({ terminal, parts, edge, api }: Story): Promise<Map<string, string>> {
  terminal.heading(`2. A customer registers ${ENDPOINTS.length} webhooks over REST`);
  const apiWithoutToken = createDemoApi(edge.url, undefined);
  return registerWebhooks({ terminal, customer: parts.customer, api, apiWithoutToken }, ENDPOINTS);
}

function watchCustomer({ terminal, received, api }: Story, ids: ReadonlyMap<string, string>): RequestPrinter {
  const pathWidth = Math.max(...ENDPOINTS.map(({ path }) => path.length));
  const watch = createRequestPrinter({
    terminal,
    pathWidth,
    deliveriesOf: (path) => api.deliveriesOf(ids.get(path) ?? ''),
  });
  watch.hold();
  received.on('request', watch.add);
  return watch;
}

function publish({ terminal, plan, nats, messages }: Story): Promise<number> {
  terminal.heading(`3. The platform publishes ${plan.events} delivery receipts on NATS, subject webhook.dispatch`);
  return publishMessages({ nats, terminal }, messages);
}

async function deliver({ terminal, plan, signal }: Story, watch: RequestPrinter, letters: DeadLetters): Promise<void> {
  terminal.heading('4. What the customer receives, as it happens (retries after about 1, 2 and 3 s)');
  watch.show();
  const expected = plan.atOnce + plan.afterRetries;
  const done = () =>
    watch.delivered() >= expected && letters.deliveries.length + letters.messages.length >= plan.deadLettered;
  await pollUntil(done, { withinMs: PATIENCE_MS, signal });
  await watch.shown();
}

async function lookAtFailures(story: Story, letters: DeadLetters): Promise<number> {
  const { terminal, temporal, signal, parts } = story;
  terminal.heading('5. What operations see: dead letters (ids and codes, no payload) and Failed workflows');
  const ids = letters.deliveries.map(({ workflowId }) => workflowId);
  const workflows = await findFailedWorkflows({ temporal, signal }, ids);
  showFailures(terminal, { letters, workflows, uiUrl: parts.temporal.uiUrl });
  return workflows.length;
}

async function repairAndReplay(story: Story, watch: RequestPrinter, letters: DeadLetters): Promise<void> {
  const { terminal, parts, api, plan, signal } = story;
  terminal.heading(`6. The customer repairs ${BROKEN_PATH}; one task sends all that was given up again`);
  await parts.customer.repair(BROKEN_PATH);
  watch.hold();
  await recoverDeadLetters({ api, terminal, signal }, letters.deliveries);
  watch.show();
  await pollUntil(() => watch.delivered() >= plan.deliveries, { withinMs: PATIENCE_MS, signal });
  await watch.shown();
}

/** As the API tells them; the last rows are written a moment after the answers. */
async function listDeliveriesWithOutcome(
  { api, signal }: Story,
  ids: ReadonlyMap<string, string>,
): Promise<Delivery[]> {
  let deliveries: Delivery[] = [];
  const settled = async () => {
    deliveries = (await Promise.all([...ids.values()].map(api.deliveriesOf))).flat();
    return deliveries.every(({ status }) => status !== 'waiting');
  };
  await pollUntil(settled, { withinMs: 5_000, signal, everyMs: 500 });
  return deliveries;
}
