/** Matches a string, which is skipped, or an exponent. Neither matches in two ways, so the search takes linear time. */
const STRING_OR_EXPONENT = /"[^"\\]*(?:\\.[^"\\]*)*"|[eE]([+-]?\d+)/g;
/** Exponent of the largest double-precision number (IEEE 754). RFC 8259 §6 expects no interoperability beyond it. */
const MAX_EXPONENT = 308;

/**
 * Whether valid JSON contains a number with an exponent beyond double precision. PostgreSQL stores numbers exactly and prints all
 * digits: `1e131000` has 131,000 of them. A few hundred such numbers in a small message exceed the statement timeout.
 */
export function exceedsDoubleRange(json: string): boolean {
  if (!/[eE][+-]?\d{3}/.test(json)) return false;
  for (const [, exponent] of json.matchAll(STRING_OR_EXPONENT))
    if (exponent !== undefined && Math.abs(Number(exponent)) > MAX_EXPONENT) return true;
  return false;
}
