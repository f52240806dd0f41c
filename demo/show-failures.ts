import type { DeadLetters } from './dead-letters.js';
import type { FailedWorkflow } from './failed-workflows.js';
import type { Terminal } from './terminal.js';

interface Failures {
  readonly letters: DeadLetters;
  readonly workflows: readonly FailedWorkflow[];
  /** Undefined when somebody else runs Temporal. */
  readonly uiUrl: string | undefined;
}

/** What operations have in hand: dead letters without a payload, and Failed workflows to look into. */
export function showFailures(terminal: Terminal, { letters, workflows, uiUrl }: Failures): void {
  for (const { eventId, reason, attempts, lastResponseStatus } of letters.deliveries)
    terminal.say(`dead letter on NATS: ${eventId} ${reason}, ${attempts} attempts, last answer ${lastResponseStatus}`);
  for (const { reason, problems } of letters.messages) {
    const what = problems.map(({ path, problem }) => `${path} ${problem}`).join(', ');
    terminal.say(terminal.bad(`dead letter on NATS: ${reason}: ${what}`));
  }
  for (const { workflowId, message } of workflows) {
    terminal.say(`workflow in Temporal: ${terminal.bad('Failed')}, “${message}”`);
    terminal.say(terminal.faint(`  ${workflowLink(uiUrl, workflowId)}`));
  }
}

const workflowLink = (uiUrl: string | undefined, workflowId: string): string =>
  uiUrl === undefined ? workflowId : `${uiUrl}/namespaces/default/workflows/${workflowId}`;
