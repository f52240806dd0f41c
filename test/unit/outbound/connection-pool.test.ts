import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createConnectionPool } from '../../../outbound/connection-pool.js';
import type { Connection, ConnectionOwner } from '../../../outbound/create-connection.js';

const owner: ConnectionOwner = { webhookId: 'webhook 1', revision: 1, origin: 'https://hooks.acme.com' };
const here = [{ address: '192.0.2.1', family: 4 }] as const;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A pool with a clock that moves with the timers, and connections that note when they are closed. */
function createWorld() {
  const pool = createConnectionPool({ now: Date.now });
  const closed: string[] = [];
  const connect = (name: string, more: Partial<Connection> = {}): Connection => {
    const socket = Object.assign(new PassThrough(), { unref: () => undefined }) as unknown as Socket;
    const use = () => {
      throw new Error('no request is made here');
    };
    const close = () => void closed.push(name);
    return { owner, socket, address: '192.0.2.1', openedAtMs: Date.now(), use, close, ...more };
  };
  return { pool, closed, connect };
}

describe('createConnectionPool', () => {
  test('gives back what was kept last, once', () => {
    const { pool, closed, connect } = createWorld();
    const [first, second] = [connect('first'), connect('second')];
    expect([pool.keep(first, 3_000), pool.keep(second, 3_000), pool.countIdle()]).toEqual([true, true, 2]);
    expect(pool.take(owner, here)).toBe(second);
    expect(pool.take(owner, here)).toBe(first);
    expect(pool.take(owner, here)).toBeUndefined();
    expect([closed, pool.countIdle()]).toEqual([[], 0]);
  });

  test.each<[string, ConnectionOwner]>([
    ['another revision', { ...owner, revision: 2 }],
    ['another origin', { ...owner, origin: 'https://hooks.acme.com:8443' }],
  ])('closes what was kept for %s of the webhook', (_what, wanted) => {
    const { pool, closed, connect } = createWorld();
    pool.keep(connect('old'), 3_000);
    expect(pool.take(wanted, here)).toBeUndefined();
    expect([closed, pool.countIdle()]).toEqual([['old'], 0]);
  });

  test('has nothing for another webhook, and leaves the first one’s alone', () => {
    const { pool, closed, connect } = createWorld();
    const kept = connect('kept');
    pool.keep(kept, 3_000);
    expect(pool.take({ ...owner, webhookId: 'webhook 2' }, here)).toBeUndefined();
    expect(closed).toEqual([]);
    expect(pool.take(owner, here)).toBe(kept);
  });

  test('closes what leads to an address that the name has no more, and keeps the rest', () => {
    const { pool, closed, connect } = createWorld();
    const [elsewhere, right] = [connect('elsewhere', { address: '192.0.2.9' }), connect('right')];
    pool.keep(right, 3_000);
    pool.keep(elsewhere, 3_000);
    expect(pool.take(owner, [{ address: '192.0.2.2', family: 4 }, ...here])).toBe(right);
    expect(closed).toEqual(['elsewhere']);
  });

  test('closes what has waited long enough', () => {
    const { pool, closed, connect } = createWorld();
    pool.keep(connect('short'), 1_000);
    pool.keep(connect('long'), 3_000);
    jest.advanceTimersByTime(1_000);
    expect(closed).toEqual(['short']);
    jest.advanceTimersByTime(2_000);
    expect([closed, pool.countIdle()]).toEqual([['short', 'long'], 0]);
  });

  test('gives nothing whose time is over, although its timer is late', () => {
    const { pool, closed, connect } = createWorld();
    pool.keep(connect('late'), 1_000);
    jest.setSystemTime(Date.now() + 1_000);
    expect(pool.take(owner, here)).toBeUndefined();
    expect(closed).toEqual(['late']);
  });

  test('keeps a connection until it is a minute old, however often it is used', () => {
    const { pool, closed, connect } = createWorld();
    const connection = connect('old');
    for (let second = 0; second < 59; second += 1) {
      expect(pool.keep(connection, 15_000)).toBe(true);
      jest.advanceTimersByTime(1_000);
      expect(pool.take(owner, here)).toBe(connection);
    }
    expect(pool.keep(connection, 15_000)).toBe(true);
    jest.advanceTimersByTime(1_000);
    expect([closed, pool.keep(connection, 15_000)]).toEqual([['old'], false]);
  });

  test('keeps 256 in all, and the oldest goes first', () => {
    const { pool, closed, connect } = createWorld();
    const of = (webhookId: string) => ({ owner: { ...owner, webhookId } });
    for (let kept = 1; kept <= 258; kept += 1) pool.keep(connect(`c${kept}`, of(`w${kept}`)), 3_000);
    expect([pool.countIdle(), closed]).toEqual([256, ['c1', 'c2']]);
  });

  test('closes all that is kept for a webhook, and only that', () => {
    const { pool, closed, connect } = createWorld();
    pool.keep(connect('one'), 3_000);
    pool.keep(connect('two'), 3_000);
    pool.keep(connect('other', { owner: { ...owner, webhookId: 'webhook 2' } }), 3_000);
    pool.closeWebhook('webhook 1');
    pool.closeWebhook('webhook 3');
    expect([closed, pool.countIdle()]).toEqual([['one', 'two'], 1]);
  });

  test('keeps nothing that may not wait, is closed already, or comes after the end', () => {
    const { pool, closed, connect } = createWorld();
    const broken = connect('broken');
    broken.socket.destroy();
    expect([pool.keep(connect('hurried'), 0), pool.keep(broken, 3_000)]).toEqual([false, false]);
    pool.keep(connect('kept'), 3_000);
    pool.close();
    expect([closed, pool.keep(connect('late'), 3_000), pool.countIdle()]).toEqual([['kept'], false, 0]);
  });

  test.each<[string, (socket: Socket) => unknown]>([
    ['bytes come', (socket) => socket.emit('data', Buffer.from('x'))],
    ['the other side ends it', (socket) => socket.emit('end')],
    ['it breaks', (socket) => socket.emit('error', new Error('reset'))],
    ['it is closed', (socket) => socket.emit('close')],
  ])('closes a waiting connection when %s, but not one that was taken', (_what, happens) => {
    const { pool, closed, connect } = createWorld();
    const [waiting, taken] = [connect('waiting'), connect('taken')];
    for (const connection of [waiting, taken]) pool.keep(connection, 3_000);
    pool.take(owner, here);
    for (const { socket } of [waiting, taken]) {
      socket.on('error', () => undefined);
      happens(socket);
    }
    jest.advanceTimersByTime(60_000);
    expect([closed, pool.countIdle()]).toEqual([['waiting'], 0]);
  });
});
