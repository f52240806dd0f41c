import type { CreatedWebhook } from '../contracts/rest/webhook.js';
import type { Customer } from '../local/start-customer.js';
import type { DemoApi } from './api.js';
import type { DemoEndpoint } from './plan.js';
import type { Terminal } from './terminal.js';

export interface RegisterWebhooksDeps {
  readonly terminal: Terminal;
  readonly customer: Pick<Customer, 'url' | 'setSecret'>;
  readonly api: DemoApi;
  /** The same API without a token. */
  readonly apiWithoutToken: DemoApi;
}

/** Registers the webhooks as the customer's programs do. Resolves with the id of each webhook by its path. */
export async function registerWebhooks(
  { terminal, customer, api, apiWithoutToken }: RegisterWebhooksDeps,
  endpoints: readonly DemoEndpoint[],
): Promise<Map<string, string>> {
  const { status } = await apiWithoutToken.call('GET', '/v1/webhooks');
  terminal.say(`GET  /v1/webhooks without a token → ${status === 401 ? '401, as expected' : String(status)}`);
  const ids = new Map<string, string>();
  for (const { name, path, query, eventTypes, behavior } of endpoints) {
    const url = `${customer.url}${path}${query}`;
    const answer = await api.call('POST', '/v1/webhooks', { url, eventTypes, description: name });
    if (answer.status !== 201) throw new Error(`POST /v1/webhooks answered ${answer.status} for ${url}`);
    const { id, secret } = answer.body as CreatedWebhook;
    ids.set(path, id);
    await customer.setSecret(path, secret);
    const filter = `${path.padEnd(22)} for ${eventTypes.join().padEnd(14)}`;
    terminal.say(
      `POST /v1/webhooks → ${terminal.good('201')}  ${filter}  ${terminal.faint(`this endpoint ${behavior}`)}`,
    );
  }
  terminal.say(
    'Each response contained the webhook’s secret (whsec_…), shown only once. The customer checks signatures with it.',
  );
  return ids;
}
