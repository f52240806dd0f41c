import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'nats';
import { eventually } from '../../support/eventually.js';
import type { Client } from '../../support/nats-pki.js';
import { startNatsServers, type NatsServer, type NatsServers } from '../../support/nats-pki-servers.js';

let servers: NatsServers;
beforeAll(async () => void (servers = await startNatsServers('baseline')));
afterAll(() => servers.stop());

/** The result of a connection: its user, or the client's error. With TLS 1.3 a refused client gets no reason. */
async function comesAs(client: Client, server: NatsServer, more: ConnectionOptions = {}): Promise<string> {
  try {
    await (await servers.connect(client, server, more)).close();
    return 'connected';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
const SOON = { timeout: 700 };
const REFUSED = /^(TIMEOUT|ECONNRESET|CONNECTION_CLOSED|DISCONNECT)$/;

describe.each(['hub', 'leaf node'])('NATS-01 a client of the %s', (at) => {
  const server = () => (at === 'hub' ? servers.hub : servers.leaf);
  const rightful = at === 'hub' ? 'platform-producer' : 'webhook-dispatcher';

  test('is who its certificate says', async () => {
    expect(await comesAs(rightful, server())).toBe('connected');
  });

  test.each(['other-authority', 'self-signed', 'expired', 'server-only'] as const)(
    'with an invalid certificate (%s) is refused, and the log of the server says why',
    async (client) => {
      const before = readFileSync(server().log, 'utf8').length;
      expect(await comesAs(client, server(), SOON)).toMatch(REFUSED);
      const said = readFileSync(server().log, 'utf8').slice(before);
      expect(said).toContain('TLS handshake error');
    },
  );

  test('without a certificate is refused, with and without a user name', async () => {
    const tls = { caFile: servers.pki.ca };
    expect(await comesAs(rightful, server(), { tls, ...SOON })).toMatch(REFUSED);
    expect(await comesAs(rightful, server(), { tls, ...SOON, user: rightful, pass: '' })).toMatch(REFUSED);
  });

  test('whose certificate names no user is refused at once, with and without a user name', async () => {
    expect(await comesAs('webhook-stranger', server())).toBe('AUTHORIZATION_VIOLATION');
    const claim = { user: rightful, pass: '' };
    expect(await comesAs('webhook-stranger', server(), claim)).toBe('AUTHORIZATION_VIOLATION');
  });

  test('does not talk to a server of another authority', async () => {
    const { cert } = servers.pki.client('other-authority');
    const { cert: certFile, key: keyFile } = servers.pki.client(rightful);
    expect(await comesAs(rightful, server(), { tls: { caFile: cert, certFile, keyFile } })).toMatch(
      /CERT|SIGNATURE|ISSUER/,
    );
  });
});

describe('NATS-01 the certificate of the leaf node', () => {
  test('is of no use for an ordinary connection to the hub', async () => {
    expect(await comesAs('webhook-dispatcher', servers.hub)).toBe('AUTHORIZATION_VIOLATION');
  });

  test('of a user who may not be one makes no leaf node', async () => {
    expect(await reachesHub('platform-producer')).toBe(false);
  });

  test.each(['webhook-stranger', 'other-authority', 'expired', 'server-only'] as const)(
    'that is not good (%s) makes no link: the service behind it reaches nothing',
    async (linkAs) => {
      expect(await reachesHub(linkAs)).toBe(false);
    },
  );

  test('that is good makes the link', async () => {
    expect(await reachesHub('webhook-dispatcher')).toBe(true);
  });
});

/** True if the consumer is visible through a leaf node that presents this certificate to the hub. */
async function reachesHub(linkAs: Client): Promise<boolean> {
  const nats = await servers.connect('webhook-dispatcher', await servers.startLeaf({ linkAs }));
  const { consumers } = nats.jetstream({ domain: 'hub' });
  return await eventually(() => consumers.get('WEBHOOKS', 'dispatcher').then(() => true), 1_500).catch(() => false);
}
