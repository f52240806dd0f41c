import { z } from 'zod';

/** An RFC 3339 date and time with offset, as milliseconds since 1970; an earlier time counts as 1970. */
export const instantMsSchema = z.iso.datetime({ offset: true }).transform((text) => Math.max(0, Date.parse(text)));
