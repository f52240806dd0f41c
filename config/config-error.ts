/** One wrong variable: `${name} ${wrong}, expected ${expected}`. */
export interface ConfigProblem {
  readonly name: string;
  readonly wrong: string;
  readonly expected: string;
}

/** Everything that is wrong with the environment, in one message, so that nobody repairs it one restart at a time. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, wrong, expected }) => `  ${name} ${wrong}, expected ${expected}`);
    super(`the configuration is not usable:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
