import { describe, expect, test } from '@jest/globals';
import { createTerminal } from '../../../demo/terminal.js';

const printed = (isTTY: boolean, env: Record<string, string> = {}) => {
  let text = '';
  const terminal = createTerminal({ isTTY, write: (part) => (text += part) }, env);
  terminal.heading('1. Start');
  terminal.progress?.('building');
  terminal.say(terminal.good('fine'));
  return text;
};
const escape = '\u001b';

describe('the terminal of the demo', () => {
  test('writes plain lines into a pipe', () => {
    expect(printed(false)).toBe('\n1. Start\n   fine\n');
    expect(printed(true, { TERM: 'dumb' })).toBe('\n1. Start\n   fine\n');
  });

  test('colors and overwrites progress on a terminal', () => {
    expect(printed(true)).toContain(`${escape}[32mfine`);
    expect(printed(true)).toMatch(/building\r\S+ {3}/);
  });

  test('shows no color with NO_COLOR, unless that is empty', () => {
    expect(printed(true, { NO_COLOR: '1' })).not.toContain(`${escape}[32m`);
    expect(printed(true, { NO_COLOR: '' })).toContain(`${escape}[32m`);
  });
});
