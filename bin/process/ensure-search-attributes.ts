import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../contracts/workflows/search-attributes.js';

/** temporal.api.enums.v1.IndexedValueType */
const INDEXED_VALUE_TYPE = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;

/**
 * Registers missing search attributes and returns their names. The servers may take a minute to load them, so setup
 * runs before a rollout. Temporal Cloud does not offer this call; there an operator creates the attributes in its
 * console.
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => customAttributes[name] === undefined);
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, INDEXED_VALUE_TYPE[type]]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return missing.map(([name]) => name);
}
