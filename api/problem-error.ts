import type { FieldProblem, ProblemCode } from '../contracts/rest/problem.js';

/** A request that ends with a problem of the catalog. `errors` names places and rules, never values. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: ProblemCode;
  readonly errors: readonly FieldProblem[] | undefined;
  constructor(problem: ProblemCode, errors?: readonly FieldProblem[]) {
    super(problem);
    this.problem = problem;
    this.errors = errors;
  }
}
