/** What every command ends with; a configuration that cannot be used ends with 78 (sysexits.h EX_CONFIG). */
export const EXIT = {
  ok: 0,
  /** It was done and the answer is no, or something it needs is away. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** Some of it was done. */
  partial: 3,
  /** Nothing was done, because somebody has to confirm it first. */
  refused: 4,
} as const;
