import type { DeadLetters } from './dead-letters.js';
import type { FailedWorkflow } from './failed-workflows.js';
import type { Terminal } from './terminal.js';

interface Failures {
  readonly letters: DeadLetters;
  readonly workflows: readonly FailedWorkflow[];
  /** Undefined for an external Temporal server. */
  readonly uiUrl: string | undefined;
}

/** Prints the dead letters, which hold no payload, and the Failed workflows with their links. */
export function showFailures(terminal: Terminal, { letters, workflows, uiUrl }: Failures): void {
  for (const { eventId, reason, attempts, lastResponseStatus } of letters.deliveries)
    terminal.say(`dead letter on NATS: ${eventId} ${reason}, ${attempts} attempts, last answer ${lastResponseStatus}`);
  for (const { reason, problems } of letters.messages) {
    const details = problems.map(({ path, problem }) => `${path} ${problem}`).join(', ');
    terminal.say(terminal.bad(`dead letter on NATS: ${reason}: ${details}`));
  }
  for (const { workflowId, message } of workflows) {
    terminal.say(`workflow in Temporal: ${terminal.bad('Failed')}, “${message}”`);
    terminal.say(terminal.faint(`  ${formatWorkflowLink(uiUrl, workflowId)}`));
  }
}

const formatWorkflowLink = (uiUrl: string | undefined, workflowId: string): string =>
  uiUrl === undefined ? workflowId : `${uiUrl}/namespaces/default/workflows/${workflowId}`;
