/** UTF-16 units kept of an answer; never half a surrogate pair. */
export const PREVIEW_UNITS = 512;
/** More than this of one chunk can never be needed: a unit takes at most three bytes. */
const CHUNK_BYTES = 4096;

export type Preview = { preview: string; truncated: boolean };

/**
 * Reads as much of a body as the preview needs and drops the rest, unread. Never rejects: by then the status is known,
 * and it decides. Bytes are decoded as UTF-8 whatever the answer claims; NUL, which PostgreSQL cannot store, becomes
 * U+FFFD.
 */
export async function readPreview(body: AsyncIterable<unknown> | null): Promise<Preview> {
  const decoder = new TextDecoder('utf-8');
  let text = '';
  let complete = false;
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode((chunk as Buffer).subarray(0, CHUNK_BYTES), { stream: true });
      if (text.length > PREVIEW_UNITS) break;
    }
    complete = text.length <= PREVIEW_UNITS;
    if (complete) text += decoder.decode();
  } catch {
    // Cut off by the deadline or the peer: what arrived is what there is.
  }
  return cut(text.replaceAll('\u0000', '\uFFFD'), complete);
}

function cut(text: string, complete: boolean): Preview {
  if (text.length <= PREVIEW_UNITS) return { preview: text, truncated: !complete };
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(PREVIEW_UNITS - 1));
  return { preview: text.slice(0, splitsPair ? PREVIEW_UNITS - 1 : PREVIEW_UNITS), truncated: true };
}
