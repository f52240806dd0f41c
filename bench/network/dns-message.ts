/** RFC 1035 §3.2.2 and RFC 3596. */
export const DNS_TYPE = { A: 1, AAAA: 28 } as const;

/** RFC 1035 §4.1.1. */
const NXDOMAIN = 3;
/** Response, recursion desired and available. */
const FLAGS = 0x8180;
const CLASS_IN = 1;
const HEADER_BYTES = 12;
/** A pointer to the question's name, right behind the header (RFC 1035 §4.1.4). */
const SAME_NAME = 0xc000 | HEADER_BYTES;

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  /** Transaction id, and the question as it came: an answer repeats both. */
  readonly id: number;
  readonly question: Buffer;
}

/** The only question of a query; undefined if the message is not a query with one question. */
export function readDnsQuestion(query: Buffer): DnsQuestion | undefined {
  if (query.length < HEADER_BYTES || query.readUInt16BE(4) !== 1 || (query.readUInt16BE(2) & 0x8000) !== 0)
    return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    // The two highest bits mark a pointer, which a question does not need.
    if (length > 63 || at + length >= query.length) return undefined;
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  if (end > query.length) return undefined;
  const question = query.subarray(HEADER_BYTES, end);
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), id: query.readUInt16BE(0), question };
}

export interface DnsAddresses {
  /** IPv4, dotted. None: the name exists without such an address. */
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
}

/** The answer to that question; `'unknown'` for a name that does not exist. */
export function encodeDnsAnswer({ id, question }: DnsQuestion, answer: DnsAddresses | 'unknown'): Buffer {
  const records = answer === 'unknown' ? [] : answer.addresses.map((address) => addressRecord(address, answer));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(FLAGS | (answer === 'unknown' ? NXDOMAIN : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

/** One resource record of type A (RFC 1035 §4.1.3). */
function addressRecord(address: string, { ttlSeconds }: DnsAddresses): Buffer {
  const fields = Buffer.alloc(12);
  fields.writeUInt16BE(SAME_NAME, 0);
  fields.writeUInt16BE(DNS_TYPE.A, 2);
  fields.writeUInt16BE(CLASS_IN, 4);
  fields.writeUInt32BE(ttlSeconds, 6);
  fields.writeUInt16BE(4, 10);
  return Buffer.concat([fields, Buffer.from(address.split('.').map(Number))]);
}
