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

/** Every way in which a text may hide in another one. */
export function formsOf(canary: string): Map<string, string> {
  const bytes = Buffer.from(canary, 'utf8');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const forms = new Map([
    ['as it is', canary],
    ['base64', base64],
    ['base64url', bytes.toString('base64url')],
    ['hex', bytes.toString('hex')],
    ['URL-encoded', encodeURIComponent(canary)],
    ['JSON-escaped', JSON.stringify(canary).slice(1, -1)],
    ['reversed', Array.from(canary).reverse().join('')],
    ['its beginning', canary.slice(0, 10)],
    ['its end', canary.slice(-10)],
  ]);
  return forms;
}

/** Searches each sink for each canary in all its forms. Base64 is also looked into, as histories hold payloads that way. */
export function scan(sinks: readonly Sink[], canaries: Readonly<Record<string, string>>): Leak[] {
  return sinks.flatMap(({ name, text }) => {
    const readable = `${text}\n${decoded(text)}`;
    return Object.entries(canaries).flatMap(([canary, value]) =>
      [...formsOf(value)]
        .filter(([, needle]) => readable.includes(needle))
        .map(([form]) => ({ canary, sink: name, form })),
    );
  });
}

const decoded = (text: string): string =>
  [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)]
    .map(([match]) => Buffer.from(match, 'base64').toString('utf8'))
    .join('\n');
