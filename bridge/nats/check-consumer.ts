import { AckPolicy, type ConsumerInfo } from 'nats';

/**
 * What an administrator must have set up, as far as a wrong value would lose messages or deliver them for ever.
 * Answers what is wrong and the way out; empty when all is well.
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
