import { expect, test } from '@jest/globals';
import type { Request } from 'express';
import { computeEntityTag } from '../../../api/entity-tag.js';
import { parseIfMatch } from '../../../api/expected-revisions.js';
import type { Webhook } from '../../../contracts/rest/webhook.js';

const from = (ifMatch: string | undefined) => parseIfMatch({ get: () => ifMatch } as unknown as Request);
const tag = (revision: number, health = 0) => computeEntityTag({ health } as unknown as Webhook, revision);

test.each<[string, string | undefined, number[] | undefined]>([
  ['no header', undefined, undefined],
  ['any', '*', undefined],
  ['a tag', tag(7), [7]],
  ['tags, whatever the health was', `${tag(7, 1)} , ${tag(8, 2)}`, [7, 8]],
  ['a weak tag, which never matches', `W/${tag(7)}`, []],
  ['somebody else’s tag', '"7", "x,y"', []],
])('%s names the revisions it names', (_name, header, revisions) => {
  expect(from(header)).toEqual(revisions);
});

test.each(['7', '', '"7', '"a" "b"', `${tag(7)};x`, '"a\u0001"'])('%j is no list of entity tags', (header) => {
  expect(() => from(header)).toThrow(expect.objectContaining({ problem: 'malformed_request' }));
});

test('a tag changes with the revision and with anything that is shown', () => {
  expect(new Set([tag(1), tag(2), tag(1, 1), tag(1)]).size).toBe(3);
});
