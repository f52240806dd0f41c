import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/delivery/durations.js';

const UNITS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

const usageError = (problem: string) =>
  new CommandError(`${problem}: expected 90s, 15m, 24h, 7d or a date`, EXIT.usage);

/** Reads `90s`, `15m`, `24h` or `7d` as milliseconds. @throws CommandError */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = UNITS[unit];
  if (amount === undefined || ms === undefined) throw usageError('not a duration');
  return Number(amount) * ms;
}

/**
 * Reads a duration before now, or an RFC 3339 date with or without time (UTC), as milliseconds since 1970.
 * @throws CommandError
 */
export function parseTime(text: string, nowMs: number): number {
  if (/^\d{1,6}[smhd]$/.test(text)) return nowMs - parseDuration(text);
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || time < 0) throw usageError('not a time');
  return time;
}

/** Reads a date as the range of its UTC day, in milliseconds since 1970. @throws CommandError */
export function parseDay(text: string): { fromMs: number; untilMs: number } {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new CommandError('not a day: expected YYYY-MM-DD', EXIT.usage);
  const fromMs = parseTime(text, 0);
  return { fromMs, untilMs: fromMs + DAY_MS };
}
