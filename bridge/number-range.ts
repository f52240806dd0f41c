/** A string, to be passed over, or an exponent. Neither can be matched in two ways, so the search is linear. */
const STRING_OR_EXPONENT = /"[^"\\]*(?:\\.[^"\\]*)*"|[eE]([+-]?\d+)/g;
/** Of the largest double-precision number (IEEE 754), beyond which RFC 8259 §6 expects no agreement. */
const MAX_EXPONENT = 308;

/**
 * Whether valid JSON holds a number with an exponent beyond double precision. PostgreSQL keeps numbers exactly and writes
 * them out: `1e131000` are 131,000 digits, and a few hundred of them in a small message are more than a statement's time.
 */
export function exceedsDoubleRange(json: string): boolean {
  if (!/[eE][+-]?\d{3}/.test(json)) return false;
  for (const [, exponent] of json.matchAll(STRING_OR_EXPONENT))
    if (exponent !== undefined && Math.abs(Number(exponent)) > MAX_EXPONENT) return true;
  return false;
}
