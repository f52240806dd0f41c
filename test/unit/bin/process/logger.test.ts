import { expect, test } from '@jest/globals';
import { createLogger } from '../../../../bin/process/logger.js';

const logged = (write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown> => {
  const lines: string[] = [];
  write(createLogger({ role: 'api', level: 'info', destination: { write: (line) => void lines.push(line) } }));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] as string) as Record<string, unknown>;
};
const failure = () => Object.assign(new Error('canary'), { detail: 'canary', code: 'ECONNRESET' });

test('a line is JSON with level, time, role, message and fields', () => {
  expect(logged((log) => log.info({ port: 8080 }, 'listening'))).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    role: 'api',
    port: 8080,
    msg: 'listening',
  });
});

test.each<[string, (log: ReturnType<typeof createLogger>) => void]>([
  ['under err', (log) => log.error({ err: failure() }, 'failed')],
  ['under any other name', (log) => log.error({ reason: failure() }, 'failed')],
  ['as the first argument', (log) => log.error(failure())],
  ['without a message of the line', (log) => log.error({ err: failure() })],
  ['as the cause of another', (log) => log.error({ err: new Error('outer', { cause: failure() }) }, 'failed')],
])('an error shows its code and never its text: %s', (_name, write) => {
  const line = JSON.stringify(logged(write));
  expect(line).toContain('ECONNRESET');
  expect(line).not.toContain('canary');
});
