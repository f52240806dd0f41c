/**
 * Attributes by which operators search workflows in the Temporal UI. The names must be registered before a workflow that carries them
 * starts (`npm run setup`). They are plain text in Temporal's database: identifiers and event types only.
 */
export const SEARCH_ATTRIBUTES = {
  AccountId: 'KEYWORD',
  EventTypes: 'KEYWORD_LIST',
  WebhookIds: 'KEYWORD_LIST',
} as const;

export interface SearchAttributeValues {
  readonly accountId: string;
  /** Distinct. */
  readonly eventTypes?: readonly string[];
  readonly webhookIds?: readonly string[];
}

/** The attributes of one workflow, in the form that the client's `typedSearchAttributes` takes. */
export const buildSearchAttributes = ({ accountId, eventTypes = [], webhookIds = [] }: SearchAttributeValues) => [
  { key: searchAttributeKey('AccountId'), value: accountId },
  ...(eventTypes.length === 0 ? [] : [{ key: searchAttributeKey('EventTypes'), value: takeTypesThatFit(eventTypes) }]),
  ...(webhookIds.length === 0 ? [] : [{ key: searchAttributeKey('WebhookIds'), value: [...webhookIds] }]),
];

const searchAttributeKey = <Name extends keyof typeof SEARCH_ATTRIBUTES>(name: Name) => ({
  name,
  type: SEARCH_ATTRIBUTES[name],
});

/** Temporal refuses a start with a search attribute of more than 2 KiB (`limit.searchAttributesSizeOfValueLimit`). */
const MAX_ATTRIBUTE_BYTES = 2_000;

/** As many of the types as fit. A batch with more is found by these, its account and its webhooks. */
function takeTypesThatFit(eventTypes: readonly string[]): string[] {
  let bytes = 0;
  // Each type is stored in quotes with a comma.
  return eventTypes.filter(({ length }) => (bytes += length + 3) <= MAX_ATTRIBUTE_BYTES);
}
