import type { DemoServices } from './start-demo-services.js';

/** Lists three things to try while the demo runs, as lines to copy. */
export function nextSteps(
  { edge, parts }: DemoServices,
  { accountId, webhookId }: { accountId: string; webhookId: string },
): string[] {
  const { uiUrl } = parts.temporal;
  const curl = 'curl -s -H "authorization: Bearer $TOKEN"';
  return [
    'List the deliveries to the endpoint that was broken:',
    `  TOKEN=${edge.tokenFor(accountId)}`,
    `  ${curl} ${edge.url}/v1/webhooks/${webhookId}/deliveries`,
    'Publish an event from this folder in another terminal, and watch its delivery here:',
    `  node dist/demo/publish.js ${parts.nats.url} ${accountId} message.read`,
    'Open its workflow, which also shows the timer between two attempts:',
    `  ${uiUrl === undefined ? 'in the Temporal UI of your server' : `${uiUrl}/namespaces/default/workflows`}`,
  ];
}
