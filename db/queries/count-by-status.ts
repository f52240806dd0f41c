import { DELIVERY_OUTCOMES } from '../../domain/delivery/statuses.js';

/**
 * SQL columns that count deliveries by status: one integer column for each member of `DELIVERY_STATUSES`, named after it.
 * @param outcome a column or expression with the outcome of a delivery; NULL where it waits
 */
export const countByStatus = (outcome: string): string =>
  [
    `(count(*) FILTER (WHERE ${outcome} IS NULL))::int AS waiting`,
    ...DELIVERY_OUTCOMES.map((each) => `(count(*) FILTER (WHERE ${outcome} = '${each}'))::int AS ${each}`),
  ].join(', ');
