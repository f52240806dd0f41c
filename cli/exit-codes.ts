/** Exit codes of every command. An invalid configuration ends with 78 (sysexits.h EX_CONFIG). */
export const EXIT = {
  ok: 0,
  /** The check answered no, or a dependency is unavailable. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** Some of the work was done. */
  partial: 3,
  /** Nothing was done: the operator has to confirm first, or the command does not apply. */
  refused: 4,
} as const;
