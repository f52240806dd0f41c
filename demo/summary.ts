/** An observed number, its expected value, and the system that counted it. */
export interface Count {
  readonly what: string;
  readonly expected: number;
  readonly seen: number;
  readonly countedBy: string;
  /** Names of the missing items. */
  readonly missing?: readonly string[];
}

/** Formats the summary as a table with one line per count. */
export function summaryTable(counts: readonly Count[], mark: (isEqual: boolean) => string): string[] {
  const width = Math.max(...counts.map(({ what }) => what.length));
  const row = (what: string, expected: string, seen: string) =>
    `${what.padEnd(width)}  ${expected.padStart(8)}  ${seen.padStart(4)}`;
  return [
    `${row('', 'expected', 'seen')}     counted by`,
    ...counts.map(
      ({ what, expected, seen, countedBy }) =>
        `${row(what, String(expected), String(seen))}  ${mark(expected === seen)}  ${countedBy}`,
    ),
  ];
}

/** Lists one sentence for each number that differs from its expected value. */
export const differences = (counts: readonly Count[]): string[] =>
  counts
    .filter(({ expected, seen }) => expected !== seen)
    .map(({ what, expected, seen, missing = [] }) => {
      const names = missing.length > 0 ? ` (missing: ${missing.join(', ')})` : '';
      return `${what.trim()}: expected ${expected}, seen ${seen}${names}`;
    });
