import type { ReplayDeliveryRequest, ReplayDelivery } from '../control/replay-delivery.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { MAX_REPLAYS_PER_SECOND } from '../domain/delivery/replay-rate.js';

/** A replay of more deliveries needs a confirmation. */
const MAX_UNCONFIRMED_DELIVERIES = 10;

export interface ReplayAtRateDeps {
  readonly replayDelivery: ReplayDelivery;
  /** Resolves after the given number of milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** Asks the operator a question. Called only on a terminal. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Draws a bar on a terminal and nothing in a pipe. */
  readonly progress: (total: number) => {
    readonly advance: (text: string) => void;
    readonly end: (text: string) => void;
  };
}

/** Reads `5/s` or `5` as deliveries per second, 1 to 100. @throws CommandError */
export function parseRate(text: string): number {
  const [, rate] = /^(\d{1,3})(\/s)?$/.exec(text) ?? [];
  if (rate === undefined || Number(rate) < 1 || Number(rate) > MAX_REPLAYS_PER_SECOND)
    throw new CommandError(`--rate: expected 1/s to ${MAX_REPLAYS_PER_SECOND}/s`, EXIT.usage);
  return Number(rate);
}

/** Resolves with true for ten deliveries or fewer, with `--yes`, or after the operator has confirmed the number. */
export async function confirmReplay(
  { confirm }: Pick<ReplayAtRateDeps, 'confirm'>,
  { count, yes }: { readonly count: number; readonly yes: boolean },
  output: Output,
): Promise<boolean> {
  if (count <= MAX_UNCONFIRMED_DELIVERIES || yes) return true;
  if (output.isInteractive) return await confirm(`Replay ${count} deliveries?`);
  output.writeMessage(`dry run: ${count} deliveries would be replayed; pass --yes to replay them`);
  return false;
}

/**
 * Replays one delivery after the other at the given rate. Reports each delivery that the account does not have as
 * missing.
 */
export async function replayAtRate(
  deps: ReplayAtRateDeps,
  { requests, rate }: { readonly requests: readonly ReplayDeliveryRequest[]; readonly rate: number },
  output: Output,
): Promise<number> {
  const bar = deps.progress(requests.length);
  let missing = 0;
  for (const [index, request] of requests.entries()) {
    if (index > 0) await deps.wait(1_000 / rate);
    const accepted = await deps.replayDelivery(request);
    if (accepted === undefined) missing += 1;
    const { deliveryId } = request;
    const kind = accepted?.kind ?? 'not_found';
    bar.advance(`${deliveryId} ${kind}`);
    output.writeResult(
      { deliveryId, kind, workflowId: accepted?.workflowId ?? null },
      accepted === undefined
        ? output.paint.bad(`✗ ${deliveryId}: the account has no such delivery`)
        : `${accepted.kind} ${deliveryId} → ${accepted.workflowId}`,
    );
  }
  bar.end(`${requests.length - missing} of ${requests.length} replayed`);
  if (missing === 0) return EXIT.ok;
  return missing === requests.length ? EXIT.failed : EXIT.partial;
}
