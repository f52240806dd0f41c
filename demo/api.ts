import type { Delivery } from '../contracts/rest/delivery.js';
import type { Page } from '../contracts/rest/page.js';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface DemoApi {
  readonly call: (method: string, path: string, body?: object) => Promise<ApiAnswer>;
  /** Reads all pages of the deliveries of a webhook. */
  readonly listDeliveriesOfWebhook: (webhookId: string) => Promise<Delivery[]>;
}

/** Calls the API as the customer's programs do: through the edge, with or without a token. */
export function createDemoApi(url: string, token: string | undefined): DemoApi {
  const call: DemoApi['call'] = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  const listDeliveriesOfWebhook: DemoApi['listDeliveriesOfWebhook'] = async (webhookId) => {
    const found: Delivery[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { status, body } = await call('GET', `/v1/webhooks/${webhookId}/deliveries?limit=100${query}`);
      if (status !== 200) throw new Error(`the list of deliveries was answered with ${status}`);
      const page = body as Page<Delivery>;
      found.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found;
  };
  return { call, listDeliveriesOfWebhook };
}
