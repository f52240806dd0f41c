import type { DemoServices } from './start-demo-services.js';

/** Three things to try while the demo stays up, as lines to copy. */
export function nextSteps(
  { edge, parts }: DemoServices,
  { accountId, webhookId }: { accountId: string; webhookId: string },
): string[] {
  const { uiUrl } = parts.temporal;
  const ask = 'curl -s -H "authorization: Bearer $TOKEN"';
  return [
    'Ask the API what became of the deliveries to the endpoint that was broken:',
    `  TOKEN=${edge.tokenFor(accountId)}`,
    `  ${ask} ${edge.url}/v1/webhooks/${webhookId}/deliveries`,
    'Publish an event of your own, from this folder in another terminal, and see it delivered here:',
    `  node dist/demo/publish.js ${parts.nats.url} ${accountId} message.read`,
    'Look at its workflow, the timer between two attempts included:',
    `  ${uiUrl === undefined ? 'in the Temporal UI of your server' : `${uiUrl}/namespaces/default/workflows`}`,
  ];
}
