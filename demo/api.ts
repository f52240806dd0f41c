import type { Delivery } from '../contracts/rest/delivery.js';
import type { Page } from '../contracts/rest/page.js';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface DemoApi {
  readonly call: (method: string, path: string, body?: object) => Promise<ApiAnswer>;
  /** All deliveries of a webhook. */
  readonly deliveriesOf: (webhookId: string) => Promise<Delivery[]>;
}

/** The API as the customer's programs see it: through the edge, with a token or without. */
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
  const deliveriesOf: DemoApi['deliveriesOf'] = async (webhookId) => {
    const found: Delivery[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { status, body } = await call('GET', `/v1/webhooks/${webhookId}/deliveries?limit=100${query}`);
      if (status !== 200) throw new Error(`the list of deliveries was answered with ${status}`);
      const page = body as Page<Delivery>;
      found.push(...page.data);
      cursor = page.nextCursor;
    }
    return found;
  };
  return { call, deliveriesOf };
}
