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
  /** Webhook ids by the path at the customer. */
  readonly webhookIds: ReadonlyMap<string, string>;
}

/**
 * Runs chapters 2 to 6. Something that does not happen in time is a difference in the counts. Rejects only if the story
 * cannot continue.
 */
export async function runStory(services: DemoServices, input: StoryInput): Promise<StoryResult> {
  const { accountId, messages } = input;
  const api = createDemoApi(services.edge.url, services.edge.tokenFor(accountId));
  const plan = createPlan(
    messages.map(({ events }) => events),
    ENDPOINTS,
  );
  const story: Story = { ...services, ...input, api, plan };
  const ids = await register(story);
  const letters = await collectDeadLetters(services.nats, accountId);
  const watch = watchCustomer(story, ids);
  const confirmed = await publish(story);
  await deliver(story, watch, letters);
  const failed = await printFailures(story, letters);
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

/** Longer than the whole retry schedule on a slow machine. */
const TIMEOUT_MS = 30_000;

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
    listDeliveriesAtPath: (path) => api.listDeliveriesOfWebhook(ids.get(path) ?? ''),
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
  terminal.heading('4. The customer receives the requests (retries after about 1, 2 and 3 s)');
  watch.show();
  const expected = plan.atOnce + plan.afterRetries;
  const isDone = () =>
    watch.delivered() >= expected && letters.deliveries.length + letters.messages.length >= plan.deadLettered;
  await pollUntil(isDone, { withinMs: TIMEOUT_MS, signal });
  await watch.shown();
}

async function printFailures(story: Story, letters: DeadLetters): Promise<number> {
  const { terminal, temporal, signal, parts } = story;
  terminal.heading('5. Operations see dead letters (ids and codes, no payload) and Failed workflows');
  const ids = letters.deliveries.map(({ workflowId }) => workflowId);
  const workflows = await findFailedWorkflows({ temporal, signal }, ids);
  showFailures(terminal, { letters, workflows, uiUrl: parts.temporal.uiUrl });
  return workflows.length;
}

async function repairAndReplay(story: Story, watch: RequestPrinter, letters: DeadLetters): Promise<void> {
  const { terminal, parts, api, plan, signal } = story;
  terminal.heading(`6. The customer repairs ${BROKEN_PATH}; one task replays all dead-lettered deliveries`);
  await parts.customer.repair(BROKEN_PATH);
  watch.hold();
  await recoverDeadLetters({ api, terminal, signal }, letters.deliveries);
  watch.show();
  await pollUntil(() => watch.delivered() >= plan.deliveries, { withinMs: TIMEOUT_MS, signal });
  await watch.shown();
}

/** Reads all deliveries from the API. Polls, because the last rows are written a moment after the responses. */
async function listDeliveriesWithOutcome(
  { api, signal }: Story,
  ids: ReadonlyMap<string, string>,
): Promise<Delivery[]> {
  let deliveries: Delivery[] = [];
  const haveAllOutcomes = async () => {
    deliveries = (await Promise.all([...ids.values()].map(api.listDeliveriesOfWebhook))).flat();
    return deliveries.every(({ status }) => status !== 'waiting');
  };
  await pollUntil(haveAllOutcomes, { withinMs: 5_000, signal, everyMs: 500 });
  return deliveries;
}
