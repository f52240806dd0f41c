import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** The records of the name; `undefined`: the server does not respond. */
export type DnsAnswer =
  | {
      a?: string[];
      aaaa?: string[];
      cname?: string;
      code?: 'NXDOMAIN' | 'SERVFAIL';
      /** Of each record; 0 by default. */
      ttlSeconds?: number;
    }
  | undefined;

export type DnsServer = {
  /** `127.0.0.1:port`, as `createAskNameServers` takes it. */
  address: string;
  /** `name type`, in the order asked. */
  questions: string[];
  close: () => Promise<void>;
};

const TYPE = { A: 1, CNAME: 5, AAAA: 28 } as const;
const RCODE = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;

/** A name as length-prefixed labels (RFC 1035 §3.1). */
const encodeName = (name: string) =>
  Buffer.concat([...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.of(0)]);

function readQuestion(query: Buffer): { name: string; type: number; question: Buffer } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), question: query.subarray(12, at + 5) };
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** One resource record (RFC 1035 §4.1.3). */
function record(name: string, type: number, { data, ttlSeconds }: { data: Buffer; ttlSeconds: number }): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(type, 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt32BE(ttlSeconds, 4);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fields, data]);
}

function respond(query: Buffer, answer: NonNullable<DnsAnswer>): Buffer {
  const { name, type, question } = readQuestion(query);
  const { ttlSeconds = 0 } = answer;
  const owner = answer.cname ?? name;
  const addresses = type === TYPE.A ? answer.a : type === TYPE.AAAA ? answer.aaaa : [];
  const records = [
    ...(answer.cname === undefined ? [] : [record(name, TYPE.CNAME, { data: encodeName(answer.cname), ttlSeconds })]),
    ...(addresses ?? []).map((address) => record(owner, type, { data: addressBytes(address), ttlSeconds })),
  ];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | RCODE[answer.code ?? 'NOERROR'], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

/** A real name server over UDP on 127.0.0.1, answering as `answerFor` says. */
export async function startDnsServer(
  answerFor: (name: string, type: string) => DnsAnswer | Promise<DnsAnswer>,
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (query, { port, address }) => {
    const { name, type } = readQuestion(query);
    const typeName = Object.entries(TYPE).find(([, value]) => value === type)?.[0] ?? String(type);
    questions.push(`${name} ${typeName}`);
    void Promise.resolve(answerFor(name, typeName)).then((answer) => {
      if (answer !== undefined) socket.send(respond(query, answer), port, address);
    });
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
