/** What a message may be, said once more without the schemas: field by field, on the text and on what it parses to. */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const PLAIN_FIELDS = ['accountId', 'data', 'id', 'timestamp', 'type'];

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const matches = (value: unknown, form: RegExp) => typeof value === 'string' && form.test(value);

/** The account in lower case, where the event may be accepted. */
function accountOf(event: unknown): string | undefined {
  if (!isObject(event)) return undefined;
  const cloud = 'specversion' in event;
  const account = event[cloud ? 'accountid' : 'accountId'];
  const rules = [
    matches(event['id'], /^[A-Za-z0-9_-]{1,64}$/),
    matches(event['type'], /^[a-z0-9_.]{1,100}$/),
    matches(event[cloud ? 'time' : 'timestamp'], RFC_3339),
    matches(account, UUID),
    isObject(event['data']),
    cloud ? event['specversion'] === '1.0' : Object.keys(event).every((name) => PLAIN_FIELDS.includes(name)),
    Buffer.byteLength(JSON.stringify(event)) <= 262_144,
  ];
  return rules.includes(false) ? undefined : String(account).toLowerCase();
}

/** JSON.stringify escapes what PostgreSQL cannot store, and only that: NUL and halves of surrogate pairs. */
const isStorable = (value: unknown) => !/\\u(0000|d[89a-f])/.test(JSON.stringify(value).replaceAll('\\\\', ''));

/** Without strings, digits after an `e` are an exponent. */
const hasSaneNumbers = (text: string) =>
  [...text.replace(/"(\\.|[^"\\])*"/gs, '').matchAll(/e([+-]?\d+)/gi)].every(([, n]) => Math.abs(Number(n)) <= 308);

/** Whether a message of these bytes may be accepted. */
export function mayBeDecoded(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  if (bytes.length > 1_048_576 || !Buffer.from(text, 'utf8').equals(bytes)) return false;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return false;
  }
  if (!isStorable(value) || !hasSaneNumbers(text)) return false;
  const accounts = (Array.isArray(value) ? value : [value]).map(accountOf);
  return accounts.length >= 1 && accounts.length <= 100 && new Set(accounts).size === 1 && accounts[0] !== undefined;
}
