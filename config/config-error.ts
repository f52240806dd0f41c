/** One wrong variable: `${name} ${wrong}, expected ${expected}`. */
export interface ConfigProblem {
  readonly name: string;
  readonly wrong: string;
  readonly expected: string;
}

/** All faults of the environment in one message, so that one restart is enough to repair them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, wrong, expected }) => `  ${name} ${wrong}, expected ${expected}`);
    super(`the configuration is not usable:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
