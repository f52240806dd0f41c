import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { answerDelayMs, hostName } from '../../../bench/network/bench-hosts.js';
import { DNS_TYPE, encodeDnsAnswer, readDnsQuestion } from '../../../bench/network/dns-message.js';

/** RFC 1035 §4.1: id 0x1234, recursion desired, one question: `h1.hosts.bench`, type A, class IN. */
const QUESTION = '02683105686f7374730562656e6368' + '00' + '0001' + '0001';
const QUERY = Buffer.from(['1234', '0100', '0001', '0000', '0000', '0000', QUESTION].join(''), 'hex');

describe('a DNS message', () => {
  test('tells the name and the type that are asked for', () => {
    expect(readDnsQuestion(QUERY)).toEqual({
      name: 'h1.hosts.bench',
      type: DNS_TYPE.A,
      id: 0x1234,
      question: Buffer.from(QUESTION, 'hex'),
    });
  });

  test('is answered with the id, the question and one record an address', () => {
    const answer = encodeDnsAnswer(readDnsQuestion(QUERY)!, { addresses: ['127.0.0.1'], ttlSeconds: 60 });
    const record = 'c00c' + '0001' + '0001' + '0000003c' + '0004' + '7f000001';
    expect(answer.toString('hex')).toBe(['1234', '8180', '0001', '0001', '0000', '0000', QUESTION, record].join(''));
  });

  test('about an unknown name is answered with NXDOMAIN and no record', () => {
    const answer = encodeDnsAnswer(readDnsQuestion(QUERY)!, 'unknown');
    expect(answer.toString('hex')).toBe(['1234', '8183', '0001', '0000', '0000', '0000', QUESTION].join(''));
  });

  test.each([
    ['is cut off in its header', QUERY.subarray(0, 11)],
    ['is cut off in a label', QUERY.subarray(0, 20)],
    ['is cut off behind its name', QUERY.subarray(0, QUERY.length - 1)],
    ['is an answer', Buffer.concat([QUERY.subarray(0, 2), Buffer.from('8180', 'hex'), QUERY.subarray(4)])],
    ['has two questions', Buffer.concat([QUERY.subarray(0, 4), Buffer.from('0002', 'hex'), QUERY.subarray(6)])],
    [
      'begins its name with a pointer',
      Buffer.concat([QUERY.subarray(0, 12), Buffer.from('c00c00010001', 'hex'), Buffer.alloc(200)]),
    ],
  ])('that %s is none', (_, message) => {
    expect(readDnsQuestion(message)).toBeUndefined();
  });
});

describe('a resolver', () => {
  let socket: Socket;
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  beforeAll(async () => {
    socket = createSocket('udp4').on('message', (query, { port, address }) => {
      const question = readDnsQuestion(query)!;
      const addresses = question.type === DNS_TYPE.A ? ['127.0.0.1', '127.0.0.2'] : [];
      const known = answerDelayMs(question.name) !== undefined;
      socket.send(encodeDnsAnswer(question, known ? { addresses, ttlSeconds: 60 } : 'unknown'), port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  });
  afterAll(() => void socket.close());

  test('understands the answers', async () => {
    expect(await resolver.resolve4(hostName(1), { ttl: true })).toEqual([
      { address: '127.0.0.1', ttl: 60 },
      { address: '127.0.0.2', ttl: 60 },
    ]);
    await expect(resolver.resolve6(hostName(1))).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(resolver.resolve4('h1.elsewhere.bench')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

test('a host says in its name how long the name server is to wait', () => {
  expect(answerDelayMs(hostName(7))).toBe(0);
  expect(answerDelayMs(hostName(7, 20))).toBe(20);
  expect(answerDelayMs(hostName(7, 20).toUpperCase())).toBe(20);
  expect(answerDelayMs('h7.hosts.bench.example')).toBeUndefined();
});
