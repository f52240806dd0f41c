import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';

/** Something that is not as it must be, and what repairs it. */
export interface Finding {
  readonly problem: string;
  readonly fix: string;
}

/** One thing that the service depends on. Throws where it does not answer at all. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<Finding[]>;
  /** What to do where it does not answer. */
  readonly whenAway: string;
}

const CHECK_TIMEOUT_MS = 10_000;

/** `doctor`: asks everything that the service depends on, and says how to repair what is not as it must be. */
export async function doctor(
  { checks, describe }: { readonly checks: readonly Check[]; readonly describe: (error: unknown) => string },
  output: Output,
): Promise<number> {
  let ill = 0;
  for (const check of checks) {
    const findings = await withinTime(check.run()).catch((error: unknown): Finding[] => [
      { problem: describe(error), fix: check.whenAway },
    ]);
    if (findings.length > 0) ill += 1;
    output.data({ check: check.name, ok: findings.length === 0, findings }, linesOf(check, findings, output));
  }
  output.say(ill === 0 ? 'everything is as it must be' : `${ill} of ${checks.length} checks found something`);
  return ill === 0 ? EXIT.ok : EXIT.failed;
}

const linesOf = ({ name }: Check, findings: readonly Finding[], { paint }: Output): string[] =>
  findings.length === 0
    ? [`${paint.good('✓')} ${name}`]
    : findings.flatMap(({ problem, fix }) => [`${paint.bad('✗')} ${name}: ${problem}`, `    ${fix}`]);

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
