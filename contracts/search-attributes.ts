/**
 * What ops can search workflows by in the Temporal UI. The names must be registered before a workflow that carries them
 * starts (`npm run setup`). They are plain text in Temporal's database: identifiers and event types only.
 */
export const SEARCH_ATTRIBUTES = {
  AccountId: 'KEYWORD',
  EventTypes: 'KEYWORD_LIST',
  WebhookIds: 'KEYWORD_LIST',
} as const;
