import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';

/** A problem and its repair, as texts for the operator. */
export interface Finding {
  readonly problem: string;
  readonly fix: string;
}

/** The check of one dependency. `run` rejects if the dependency does not answer. */
export interface DoctorCheck {
  readonly name: string;
  readonly run: () => Promise<Finding[]>;
  /** The repair if the dependency does not answer. */
  readonly fixIfUnreachable: string;
}

const CHECK_TIMEOUT_MS = 10_000;

/** `doctor`: checks every dependency of the service and prints each problem with its repair. */
export async function runDoctor(
  {
    doctorChecks,
    describeError,
  }: { readonly doctorChecks: readonly DoctorCheck[]; readonly describeError: (error: unknown) => string },
  output: Output,
): Promise<number> {
  let failedChecks = 0;
  for (const check of doctorChecks) {
    const findings = await withTimeout(check.run()).catch((error: unknown): Finding[] => [
      { problem: describeError(error), fix: check.fixIfUnreachable },
    ]);
    if (findings.length > 0) failedChecks += 1;
    output.writeResult(
      { check: check.name, ok: findings.length === 0, findings },
      formatFindings(check, findings, output),
    );
  }
  output.writeMessage(
    failedChecks === 0 ? 'all checks passed' : `${failedChecks} of ${doctorChecks.length} checks failed`,
  );
  return failedChecks === 0 ? EXIT.ok : EXIT.failed;
}

const formatFindings = ({ name }: DoctorCheck, findings: readonly Finding[], { paint }: Output): string[] =>
  findings.length === 0
    ? [`${paint.good('✓')} ${name}`]
    : findings.flatMap(({ problem, fix }) => [`${paint.bad('✗')} ${name}: ${problem}`, `    ${fix}`]);

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
