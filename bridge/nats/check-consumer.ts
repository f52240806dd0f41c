import { AckPolicy, type ConsumerInfo } from 'nats';

/**
 * Checks the settings of the consumer that would lose messages or redeliver them forever. Returns one sentence for each wrong
 * setting, with its fix; an empty list if all are right.
 */
export function consumerFaults({ config }: Pick<ConsumerInfo, 'config'>, startTimeoutMs: number): string[] {
  const faults: string[] = [];
  const { ack_policy, ack_wait = 0, max_deliver = -1 } = config;
  if (ack_policy !== AckPolicy.Explicit) faults.push(`ack_policy is ${ack_policy}: it must be explicit`);
  if ('deliver_subject' in config) faults.push('deliver_subject is set: the bridge pulls, it needs a pull consumer');
  if (ack_wait / 1e6 < startTimeoutMs)
    faults.push(`ack_wait is shorter than a start may take (${String(startTimeoutMs)} ms)`);
  if (max_deliver !== -1)
    faults.push(`max_deliver is ${String(max_deliver)}: messages would be stranded, it must be -1`);
  return faults.map((fault) => `${fault} (npm run setup creates the consumer)`);
}
