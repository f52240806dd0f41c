import { expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../../../bin/process/logger.js';
import { runProcess, type Lifecycle } from '../../../../bin/process/run-process.js';

function harness() {
  const lines: string[] = [];
  const log = createLogger({ role: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });
  const events = new EventEmitter();
  const exits: number[] = [];
  const host = {
    on: (name: string, listener: (cause: unknown) => void) => events.on(name, listener),
    exit: (code: number) => exits.push(code),
  };
  const run = (start: (lifecycle: Lifecycle) => Promise<void>, deadlineMs = 1_000) =>
    runProcess({ log, deadlineMs, start, host });
  return { run, exits, lines, emit: (name: string, cause?: unknown) => events.emit(name, cause) };
}

test('a signal runs the closing steps in reverse order and exits with 0', async () => {
  const { run, exits, emit } = harness();
  const closed: string[] = [];
  let lifecycle: Lifecycle | undefined;
  await run(async (received) => {
    lifecycle = received;
    received.onStop('database', () => closed.push('database'));
    received.onStop('listener', async () => {
      await sleep(5);
      closed.push('listener');
    });
  });
  expect(lifecycle?.isStopping()).toBe(false);
  emit('SIGTERM');
  expect(lifecycle?.isStopping()).toBe(true);
  await sleep(50);
  expect([closed, exits]).toEqual([['listener', 'database'], [0]]);
});

test('a failed step does not skip the others, and the exit code is 1', async () => {
  const { run, exits, emit } = harness();
  const closed: string[] = [];
  await run(async ({ onStop }) => {
    onStop('database', () => closed.push('database'));
    onStop('listener', () => Promise.reject(new Error('stuck')));
  });
  emit('SIGINT');
  await sleep(20);
  expect([closed, exits]).toEqual([['database'], [1]]);
});

test('a failed start runs the closing steps registered so far', async () => {
  const { run, exits } = harness();
  const closed: string[] = [];
  await run(async ({ onStop }) => {
    onStop('database', () => closed.push('database'));
    throw new Error('no broker');
  });
  await sleep(20);
  expect([closed, exits]).toEqual([['database'], [1]]);
});

test('the deadline ends a step that hangs, and names it', async () => {
  const { run, exits, emit, lines } = harness();
  await run(async ({ onStop }) => onStop('worker', () => new Promise(() => undefined)), 30);
  emit('SIGTERM');
  await sleep(80);
  expect(exits).toEqual([1]);
  expect(lines.join('')).toContain('"step":"worker"');
});

test('a second signal does not wait', async () => {
  const { run, exits, emit } = harness();
  await run(async ({ onStop }) => onStop('worker', () => sleep(100)));
  emit('SIGTERM');
  emit('SIGTERM');
  expect(exits).toEqual([1]);
});

test('an error during the closing steps does not skip the remaining ones, and the exit code is 1', async () => {
  const { run, exits, emit } = harness();
  const closed: string[] = [];
  await run(async ({ onStop }) => {
    onStop('worker', async () => {
      await sleep(30);
      closed.push('worker');
    });
  });
  emit('SIGTERM');
  emit('unhandledRejection', new Error('a server went away'));
  expect([closed, exits]).toEqual([[], []]);
  await sleep(60);
  expect([closed, exits]).toEqual([['worker'], [1]]);
});

test.each(['uncaughtException', 'unhandledRejection'])('%s ends the process without its text', async (event) => {
  const { run, exits, emit, lines } = harness();
  await run(async () => undefined);
  emit(event, new Error('canary'));
  await sleep(20);
  expect(exits).toEqual([1]);
  expect(lines.join('')).toContain('"type":"Error"');
  expect(lines.join('')).not.toContain('canary');
});
