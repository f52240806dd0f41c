import { expect, test } from '@jest/globals';
import { buildRequestHeaders } from '../../../../domain/security/request-headers.js';

test('a request carries its signature, its content type, the sender and the number of the attempt, and nothing else', () => {
  const signature = { 'webhook-id': 'evt_1', 'webhook-timestamp': '1795392000', 'webhook-signature': 'v1,c2lnbmVk' };
  expect(buildRequestHeaders(signature, 3)).toEqual({
    'webhook-id': 'evt_1',
    'webhook-timestamp': '1795392000',
    'webhook-signature': 'v1,c2lnbmVk',
    'content-type': 'application/json',
    'user-agent': 'webhook-dispatcher/1',
    'webhook-attempt': '3',
  });
});
