import type { ConfigProblem } from './config-error.js';
import type { Variable } from './variable.js';

export type Variables = Readonly<Record<string, Variable<unknown>>>;
export type Values<V extends Variables> = { [Name in keyof V]: V[Name] extends Variable<infer T> ? T : never };

/** The variables of one concern and the object that is built from them. */
export interface Group<T> {
  readonly variables: Variables;
  /** Rules over several variables. A variable whose own value is wrong is absent from `values`. */
  readonly rules: (
    values: Record<string, unknown>,
    context: { readonly production: boolean },
  ) => readonly ConfigProblem[];
  readonly build: (values: Record<string, unknown>) => T;
}

interface GroupDefinition<V extends Variables, T> {
  readonly variables: V;
  readonly rules?: (values: Partial<Values<V>>, context: { readonly production: boolean }) => readonly ConfigProblem[];
  readonly build: (values: Values<V>) => T;
}

export const defineGroup = <V extends Variables, T>({ variables, rules, build }: GroupDefinition<V, T>): Group<T> => ({
  variables,
  rules: (values, context) => rules?.(values as Partial<Values<V>>, context) ?? [],
  build: (values) => build(values as Values<V>),
});
