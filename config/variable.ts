import type { z } from 'zod';

/** One environment variable: how its text is parsed, and how a wrong text is reported. */
export interface Variable<T> {
  readonly schema: z.ZodType<T, string>;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** The meaning of an absent or empty variable. */
  readonly absent: 'refused' | { readonly value: T };
  /** True: no message repeats its text, even if it is wrong. */
  readonly secret: boolean;
  /** Why production may not set it. */
  readonly notInProduction?: string;
}

interface Text<T> {
  readonly schema: z.ZodType<T, string>;
  readonly expected: string;
}

export const required = <T>({ schema, expected }: Text<T>): Variable<T> => ({
  schema,
  expected,
  absent: 'refused',
  secret: false,
});

export const defaulted = <T>(text: Text<T>, value: T): Variable<T> => ({ ...required(text), absent: { value } });

export const optional = <T>({ schema, expected }: Text<T>): Variable<T | undefined> => ({
  schema,
  expected,
  absent: { value: undefined },
  secret: false,
});

/** Marks a variable whose text may hold a credential. */
export const secret = <T>(variable: Variable<T>): Variable<T> => ({ ...variable, secret: true });

export const notInProduction = <T>(variable: Variable<T>, because: string): Variable<T> => ({
  ...variable,
  notInProduction: because,
});
