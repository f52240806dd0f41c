/**
 * Fixed, so that a failure is found again; it stands in the name of each test. With another one (`FUZZ_SEED=7 npm run
 * test:unit -- --testPathPatterns fuzz`) other inputs are tried.
 */
export const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_124);

/** How often each property is tried. */
export const TIMES = Number(process.env['FUZZ_TIMES'] ?? 3_000);
