// The name server of the bench, over UDP, in a process of its own: node dist/bench/network/name-server.js --port PORT
// Every host of its zone is 127.0.0.1 for a minute and has no IPv6 address; `h1.after-20.<zone>` is answered after 20 ms.
import { createSocket } from 'node:dgram';
import { parseArgs } from 'node:util';
import { answerDelayMs } from './bench-hosts.js';
import { DNS_TYPE, encodeDnsAnswer, readDnsQuestion } from './dns-message.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const TTL_SECONDS = 60;

const socket = createSocket('udp4');
socket.on('message', (query, { port, address }) => {
  const question = readDnsQuestion(query);
  if (question === undefined) return;
  const delayMs = answerDelayMs(question.name);
  const addresses = question.type === DNS_TYPE.A ? ['127.0.0.1'] : [];
  const answer = encodeDnsAnswer(question, delayMs === undefined ? 'unknown' : { addresses, ttlSeconds: TTL_SECONDS });
  const send = () => socket.send(answer, port, address);
  if (delayMs === undefined || delayMs === 0) send();
  else setTimeout(send, delayMs);
});
socket.bind(Number(values.port), '127.0.0.1');
