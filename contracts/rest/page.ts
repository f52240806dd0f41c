import { z } from 'zod';

const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/**
 * Where the next page begins: behind this id. Its text is opaque to customers; it holds no account, because it is applied
 * after the account's own condition.
 */
const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/)
  .transform((text) => decodeCursor(text))
  .meta({ description: 'The `nextCursor` of the page before; without one the list begins at its newest end.' });

const limit = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(MAX_PAGE))
  .default(DEFAULT_PAGE)
  // In documents it is the number that its text stands for.
  .meta({ type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE, description: 'Entries on a page.' });

/** Query parameters of every list. A limit outside of 1…100 is refused, not silently cut. */
export const pageQuerySchema = z.strictObject({ limit, cursor: cursor.optional() }).meta({ id: 'PageQuery' });

export const createPageSchema = <T extends z.ZodType>(item: T) =>
  z.strictObject({ data: z.array(item), nextCursor: z.string().nullable(), hasMore: z.boolean() });

export interface Page<T> {
  readonly data: T[];
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
}

/**
 * Makes a page of `size` items out of up to one more, which only tells that there is a next page. `examinedTo`: the id where
 * looking for items ended early; the next page begins behind it, whether this one is full or not.
 */
export function buildPage<T extends { id: string }>(items: readonly T[], size: number, examinedTo?: string): Page<T> {
  const data = items.slice(0, size);
  const end = items.length > size ? data.at(-1)?.id : examinedTo;
  return { data, nextCursor: end === undefined ? null : encodeCursor(end), hasMore: end !== undefined };
}

function encodeCursor(id: string): string {
  const bytes = (id.replaceAll('-', '').match(/../g) ?? []).map((pair) =>
    String.fromCharCode(Number.parseInt(pair, 16)),
  );
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function decodeCursor(text: string): string {
  const bytes = Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (byte) => byte.charCodeAt(0));
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
