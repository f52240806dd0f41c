import type { Command } from 'commander';
import { DELIVERY_STATUSES } from '../domain/delivery/statuses.js';

/** Options that several commands have, as arguments of `option()`. */
export const ACCOUNT = ['--account <id>', 'account of the customer'] as const;
export const AS = ['--as <name>', 'requester, stored with the attempts', 'operator'] as const;
export const REASON = ['--reason <text>', 'reason, stored with the attempts'] as const;
export const RATE = ['--rate <n/s>', 'deliveries per second', '5/s'] as const;
export const YES = ['--yes', 'replay more than ten without confirmation', false] as const;

/** Adds the options that select deliveries. */
export const addFilterOptions = (command: Command): Command =>
  command
    .option('--webhook <id>', 'only of this webhook')
    .option('--type <type>', 'only of this event type, or order.* for all types below it')
    .option('--status <status>', `one of ${DELIVERY_STATUSES.join(', ')}`)
    .option('--since <time>', 'accepted since: 24h, 7d or a date')
    .option('--until <time>', 'accepted before');
