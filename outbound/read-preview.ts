/** UTF-16 units kept of an answer; never half a surrogate pair. */
export const PREVIEW_UNITS = 512;
/** More than this of one chunk can never be needed: a unit takes at most three bytes. */
const CHUNK_BYTES = 4096;

export type Preview = { preview: string; truncated: boolean };

/** How much of a body is read behind the preview: only an answer that was read to its end leaves the connection reusable. */
export interface DrainLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

type Body = AsyncIterable<unknown> & { readonly destroy?: () => unknown };

const NO_DRAIN: DrainLimits = { maxBytes: 0, maxMs: 0 };

/**
 * Reads as much of a body as the preview needs and drops the rest, unread where it is more than `drain` allows. Never rejects:
 * by then the status is known, and it decides. Bytes are decoded as UTF-8, also if the answer names another charset; NUL,
 * which PostgreSQL cannot store, becomes U+FFFD.
 */
export async function readPreview(body: Body | null, drain = NO_DRAIN): Promise<Preview> {
  const decoder = new TextDecoder('utf-8');
  let text = '';
  let spareBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of body ?? []) {
      const bytes = chunk as Buffer;
      if (text.length <= PREVIEW_UNITS) text += decoder.decode(bytes.subarray(0, CHUNK_BYTES), { stream: true });
      if (text.length <= PREVIEW_UNITS) continue;
      spareBytes += bytes.length;
      if (spareBytes > drain.maxBytes) break;
      timer ??= setTimeout(() => body?.destroy?.(), drain.maxMs);
    }
    if (text.length <= PREVIEW_UNITS) return cut(text + decoder.decode(), true);
  } catch {
    // Cut off by the deadline or the peer: what arrived is what there is.
  } finally {
    clearTimeout(timer);
  }
  return cut(text, false);
}

function cut(read: string, complete: boolean): Preview {
  const text = read.replaceAll('\u0000', '\uFFFD');
  if (text.length <= PREVIEW_UNITS) return { preview: text, truncated: !complete };
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(PREVIEW_UNITS - 1));
  return { preview: text.slice(0, splitsPair ? PREVIEW_UNITS - 1 : PREVIEW_UNITS), truncated: true };
}
