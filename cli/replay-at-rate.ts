import type { ReplayDeliveryRequest, ReplayDelivery } from '../control/replay-delivery.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { MAX_REPLAYS_PER_SECOND } from '../domain/delivery/replay-rate.js';

/** More than this is not begun before somebody has seen what it is. */
const MAX_UNCONFIRMED_DELIVERIES = 10;

export interface ReplayAtRateDeps {
  readonly replayDelivery: ReplayDelivery;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** Asks whoever looks on; only called where somebody does. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** A bar on a terminal, nothing in a pipe. */
  readonly progress: (total: number) => {
    readonly advance: (text: string) => void;
    readonly end: (text: string) => void;
  };
}

/** `5/s`, or a number a second. @throws CommandError */
export function parseRate(text: string): number {
  const [, rate] = /^(\d{1,3})(\/s)?$/.exec(text) ?? [];
  if (rate === undefined || Number(rate) < 1 || Number(rate) > MAX_REPLAYS_PER_SECOND)
    throw new CommandError(`--rate: expected 1/s to ${MAX_REPLAYS_PER_SECOND}/s`, EXIT.usage);
  return Number(rate);
}

/** True when it may go on: few, told `--yes`, or confirmed by somebody who sees how many. */
export async function confirmReplay(
  { confirm }: Pick<ReplayAtRateDeps, 'confirm'>,
  { count, yes }: { readonly count: number; readonly yes: boolean },
  output: Output,
): Promise<boolean> {
  if (count <= MAX_UNCONFIRMED_DELIVERIES || yes) return true;
  if (output.isInteractive) return await confirm(`Send ${count} deliveries again?`);
  output.writeMessage(`dry run: ${count} deliveries would be sent again; --yes does it`);
  return false;
}

/** One after the other at the given rate. What an account does not have is told and counts as not done. */
export async function replayAtRate(
  deps: ReplayAtRateDeps,
  { asked, rate }: { readonly asked: readonly ReplayDeliveryRequest[]; readonly rate: number },
  output: Output,
): Promise<number> {
  const bar = deps.progress(asked.length);
  let missing = 0;
  for (const [index, one] of asked.entries()) {
    if (index > 0) await deps.wait(1_000 / rate);
    const accepted = await deps.replayDelivery(one);
    if (accepted === undefined) missing += 1;
    const { deliveryId } = one;
    const kind = accepted?.kind ?? 'not_found';
    bar.advance(`${deliveryId} ${kind}`);
    output.writeResult(
      { deliveryId, kind, workflowId: accepted?.workflowId ?? null },
      accepted === undefined
        ? output.paint.bad(`✗ ${deliveryId}: the account has no such delivery`)
        : `${accepted.kind} ${deliveryId} → ${accepted.workflowId}`,
    );
  }
  bar.end(`${asked.length - missing} of ${asked.length} sent again`);
  if (missing === 0) return EXIT.ok;
  return missing === asked.length ? EXIT.failed : EXIT.partial;
}
