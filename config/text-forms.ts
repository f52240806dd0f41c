import { accessSync, constants } from 'node:fs';
import { z } from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/delivery/durations.js';

/** The notations of variables. Each has a phrase for the expected text. */

export const text = (expected: string) => ({ schema: z.string(), expected });

export const pattern = (expression: RegExp, expected: string) => ({ schema: z.string().regex(expression), expected });

export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) => ({
  schema: z.string().pipe(z.enum(values)) as z.ZodType<T[number], string>,
  expected: `one of ${values.join(', ')}`,
});

export const wholeNumber = ({ min, max, unit = '' }: { min: number; max: number; unit?: string }) => ({
  schema: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max)),
  expected: `a whole number${unit === '' ? '' : ` of ${unit}`} from ${min} to ${max}`,
});

export const port = wholeNumber({ min: 0, max: 65_535 });

export const flag = {
  schema: z.enum(['true', 'false']).transform((value) => value === 'true') as unknown as z.ZodType<boolean, string>,
  expected: 'true or false',
};

export const onOff = {
  schema: z.enum(['on', 'off']).transform((value) => value === 'on') as unknown as z.ZodType<boolean, string>,
  expected: 'on or off',
};

export const hostAndPort = pattern(/^[^\s/@:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'host:port');

/** A path. Its file is checked at start, because otherwise the first connection would fail hours later. */
export const readableFile = {
  schema: z.string().refine(isReadable, 'names a file that cannot be read'),
  expected: 'the path of a readable PEM file',
};

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS };
const MAX_DELAY_MS = 7 * DAY_MS;

/** `0,5s,5m,2h,100ms` in milliseconds. At most 20: with more, a workflow history of a full batch would become too large. */
export const delays = {
  schema: z
    .string()
    .transform((list) => list.split(',').map((delay) => parseDelayMs(delay.trim())))
    .pipe(z.array(z.number().min(0).max(MAX_DELAY_MS)).min(1).max(20)),
  expected: '1 to 20 delays of at most 168h like 0,5s,5m,2h,100ms',
};

function parseDelayMs(delay: string): number {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(delay) ?? [];
  if (amount !== undefined && unit !== undefined) return Number(amount) * (UNITS[unit] ?? Number.NaN);
  return delay === '0' ? 0 : Number.NaN;
}
