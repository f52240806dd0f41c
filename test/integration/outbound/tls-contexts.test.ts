import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { createAuthority } from '../../support/certificates.js';
import { countContexts } from '../../support/count-contexts.js';
import { newEndpoint } from '../../support/new-endpoint.js';
import { answer, startReceiver, type Receiver } from '../../support/receiver.js';

const allow = parseOutboundAllow('127.0.0.0/8,any-port');
const body = Buffer.from('{}');
const authority = createAuthority();

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver(answer(), { tls: authority.issue({ names: 'IP:127.0.0.1' }) });
});
afterAll(() => receiver.close());

test('one TLS context serves all connections to receivers', async () => {
  const made = await countContexts(async () => {
    const { post } = createGuardedPost({ ca: authority.ca, ipv6: false, allow, keepAlive: false });
    for (let sent = 0; sent < 100; sent += 1)
      await post({ endpoint: newEndpoint(), url: receiver.url, body, headers: {} });
  });
  expect(receiver.requests).toHaveLength(100);
  expect(made).toBe(1);
});
