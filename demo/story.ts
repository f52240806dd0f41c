import type { Delivery } from '../contracts/rest/delivery.js';
import { createDemoApi, type DemoApi } from './api.js';
import { countAll } from './count.js';
import { collectDeadLetters, type DeadLetters } from './dead-letters.js';
import { failedWorkflows } from './failed-workflows.js';
import type { DemoMessage } from './messages.js';
import { BROKEN_PATH, ENDPOINTS, planOf, type Plan } from './plan.js';
import { publishMessages } from './publish-messages.js';
import { registerWebhooks } from './register.js';
import { replayDeadLetters } from './replay.js';
import type { DemoServices } from './start-demo-services.js';
import { showFailures } from './show-failures.js';
import type { Count } from './summary.js';
import type { Terminal } from './terminal.js';
import { until } from './until.js';
import { createWatch, type Watch } from './watch.js';

interface Telling {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly accountId: string;
  readonly messages: readonly DemoMessage[];
}

interface Story extends DemoServices, Telling {
  readonly api: DemoApi;
  readonly plan: Plan;
}

interface Told {
  readonly counts: readonly Count[];
  /** By path at the customer. */
  readonly webhookIds: ReadonlyMap<string, string>;
}

/** Chapters 2 to 6. What does not happen in time is missing in the counts; only what cannot go on rejects. */
export async function tellStory(services: DemoServices, telling: Telling): Promise<Told> {
  const { accountId, messages } = telling;
  const api = createDemoApi(services.edge.url, services.edge.tokenFor(accountId));
  const plan = planOf(
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
  const counts = countAll(plan, {
    confirmed,
    eventIds: messages.flatMap(({ events }) => events.map(({ id }) => id)),
    deliveries: await settledDeliveries(story, ids),
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
  const stranger = createDemoApi(edge.url, undefined);
  return registerWebhooks({ terminal, customer: parts.customer, api, stranger }, ENDPOINTS);
}

function watchCustomer({ terminal, received, api }: Story, ids: ReadonlyMap<string, string>): Watch {
  const pathWidth = Math.max(...ENDPOINTS.map(({ path }) => path.length));
  const watch = createWatch({ terminal, pathWidth, deliveriesOf: (path) => api.deliveriesOf(ids.get(path) ?? '') });
  watch.hold();
  received.on('request', watch.add);
  return watch;
}

function publish({ terminal, plan, nats, messages }: Story): Promise<number> {
  terminal.heading(`3. The platform publishes ${plan.events} delivery receipts on NATS, subject webhook.dispatch`);
  return publishMessages({ nats, terminal }, messages);
}

async function deliver({ terminal, plan, signal }: Story, watch: Watch, letters: DeadLetters): Promise<void> {
  terminal.heading('4. What the customer receives, as it happens (retries after about 1, 2 and 3 s)');
  watch.show();
  const expected = plan.atOnce + plan.afterRetries;
  const done = () =>
    watch.delivered() >= expected && letters.deliveries.length + letters.messages.length >= plan.deadLettered;
  await until(done, { withinMs: PATIENCE_MS, signal });
  await watch.shown();
}

async function lookAtFailures(story: Story, letters: DeadLetters): Promise<number> {
  const { terminal, temporal, signal, parts } = story;
  terminal.heading('5. What operations see: dead letters (ids and codes, no payload) and Failed workflows');
  const ids = letters.deliveries.map(({ workflowId }) => workflowId);
  const workflows = await failedWorkflows({ temporal, signal }, ids);
  showFailures(terminal, { letters, workflows, uiUrl: parts.temporal.uiUrl });
  return workflows.length;
}

async function repairAndReplay(story: Story, watch: Watch, letters: DeadLetters): Promise<void> {
  const { terminal, parts, api, plan, signal } = story;
  terminal.heading(`6. The customer repairs ${BROKEN_PATH}; one task sends all that was given up again`);
  await parts.customer.repair(BROKEN_PATH);
  watch.hold();
  await replayDeadLetters({ api, terminal, signal }, letters.deliveries);
  watch.show();
  await until(() => watch.delivered() >= plan.deliveries, { withinMs: PATIENCE_MS, signal });
  await watch.shown();
}

/** As the API tells them; the last rows are written a moment after the answers. */
async function settledDeliveries({ api, signal }: Story, ids: ReadonlyMap<string, string>): Promise<Delivery[]> {
  let deliveries: Delivery[] = [];
  const settled = async () => {
    deliveries = (await Promise.all([...ids.values()].map(api.deliveriesOf))).flat();
    return deliveries.every(({ status }) => status !== 'pending');
  };
  await until(settled, { withinMs: 5_000, signal, everyMs: 500 });
  return deliveries;
}
