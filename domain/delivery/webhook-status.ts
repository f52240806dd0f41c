/** The closed sets of an endpoint. */

export const WEBHOOK_STATUSES = ['enabled', 'disabled'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/** Why an endpoint is disabled: it answered 410 Gone, or the customer disabled it. */
export const DISABLED_REASONS = ['gone', 'manual'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];
