import type { Canaries } from './canary.js';

/** A text that must not occur, and where it was found if it did. */
export interface Leak {
  canary: string;
  sink: string;
  form: string;
}

export interface Sink {
  name: string;
  text: string;
}

const EDGE = 10;

/** Every encoding in which a text may occur inside another one. */
export function formsOf(canary: string | Buffer): Map<string, string> {
  const bytes = Buffer.from(canary);
  const forms = new Map([
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['list of bytes', [...bytes].join(',')],
  ]);
  for (const offset of [0, 1, 2]) {
    forms.set(`base64 at ${String(offset)}`, insideBase64(bytes, offset));
    forms.set(`base64url at ${String(offset)}`, insideBase64(bytes, offset).replaceAll('+', '-').replaceAll('/', '_'));
  }
  // Bytes are compared as Latin-1, which is how binary sinks are read.
  const text = typeof canary === 'string' ? canary : canary.toString('latin1');
  forms.set('as it is', text);
  if (typeof canary !== 'string') return forms;
  return forms
    .set('URL-encoded', encodeURIComponent(text))
    .set('JSON-escaped', JSON.stringify(text).slice(1, -1))
    .set('slashes escaped', text.replaceAll('/', '\\/'))
    .set('reversed', Array.from(text).reverse().join(''))
    .set('its beginning', text.slice(0, EDGE))
    .set('its end', text.slice(-EDGE));
}

/** The characters of a longer base64 text that depend on these bytes alone, when they begin at an offset modulo 3. */
function insideBase64(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(Math.ceil((offset * 8) / 6), whole);
}

/** Searches each sink for each canary in all its forms. */
export function scan(sinks: readonly Sink[], canaries: Canaries): Leak[] {
  const needles = Object.entries(canaries).flatMap(([canary, value]) =>
    [...formsOf(value)].map(([form, needle]) => ({ canary, form, needle })),
  );
  return sinks.flatMap(({ name: sink, text }) =>
    needles.filter(({ needle }) => text.includes(needle)).map(({ canary, form }) => ({ canary, sink, form })),
  );
}
