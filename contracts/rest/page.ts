import { z } from 'zod';

const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/**
 * The next page starts after the id in this cursor. The text is opaque to customers. It holds no account: queries apply it
 * in addition to the account's condition.
 */
const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/)
  .transform((text) => decodeCursor(text))
  .meta({ description: 'The `nextCursor` of the previous page; without it the list starts with the newest entry.' });

const limit = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(MAX_PAGE))
  .default(DEFAULT_PAGE)
  // In documents: the number in the text, not the text.
  .meta({
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE,
    default: DEFAULT_PAGE,
    description: 'Maximum of entries on a page.',
  });

/** Query parameters of every list. A limit outside of 1…100 is refused, not silently reduced. */
export const pageQuerySchema = z.strictObject({ limit, cursor: cursor.optional() }).meta({ id: 'PageQuery' });

export const createPageSchema = <T extends z.ZodType>(item: T) =>
  z.strictObject({ data: z.array(item), nextCursor: z.string().nullable(), hasMore: z.boolean() });

export interface Page<T> {
  readonly data: T[];
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
}

/**
 * Builds a page of `size` items from up to `size + 1`: the extra item only shows that there is a next page. `examinedTo`: the
 * id at which the search for items stopped early; the next page starts after it, even if this page is not full.
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
