import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';

/** Something that is not as it must be, and what repairs it. */
export interface Finding {
  readonly problem: string;
  readonly fix: string;
}

/** One thing that the service depends on. Throws where it does not answer at all. */
export interface DoctorCheck {
  readonly name: string;
  readonly run: () => Promise<Finding[]>;
  /** What to do where it does not answer. */
  readonly fixIfUnreachable: string;
}

const CHECK_TIMEOUT_MS = 10_000;

/** `doctor`: asks everything that the service depends on, and says how to repair what is not as it must be. */
export async function runDoctor(
  {
    doctorChecks,
    describeError,
  }: { readonly doctorChecks: readonly DoctorCheck[]; readonly describeError: (error: unknown) => string },
  output: Output,
): Promise<number> {
  let failedChecks = 0;
  for (const check of doctorChecks) {
    const findings = await withinTime(check.run()).catch((error: unknown): Finding[] => [
      { problem: describeError(error), fix: check.fixIfUnreachable },
    ]);
    if (findings.length > 0) failedChecks += 1;
    output.writeResult({ check: check.name, ok: findings.length === 0, findings }, linesOf(check, findings, output));
  }
  output.writeMessage(
    failedChecks === 0
      ? 'everything is as it must be'
      : `${failedChecks} of ${doctorChecks.length} checks found something`,
  );
  return failedChecks === 0 ? EXIT.ok : EXIT.failed;
}

const linesOf = ({ name }: DoctorCheck, findings: readonly Finding[], { paint }: Output): string[] =>
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
