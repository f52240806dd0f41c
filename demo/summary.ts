/** One number that must be as published, and who counted it. */
export interface Count {
  readonly what: string;
  readonly expected: number;
  readonly seen: number;
  readonly countedBy: string;
  /** What is missing, by name. */
  readonly missing?: readonly string[];
}

/** The table under the story, one line a count, the two numbers side by side. */
export function summaryTable(counts: readonly Count[], mark: (right: boolean) => string): string[] {
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

/** One sentence for each number that is not as expected; none when all is well. */
export const differences = (counts: readonly Count[]): string[] =>
  counts
    .filter(({ expected, seen }) => expected !== seen)
    .map(({ what, expected, seen, missing = [] }) => {
      const names = missing.length > 0 ? ` (missing: ${missing.join(', ')})` : '';
      return `${what.trim()}: expected ${expected}, seen ${seen}${names}`;
    });
