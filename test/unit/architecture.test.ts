import { describe, expect, test } from '@jest/globals';

import { cruiseFixture, ruleFiles } from './architecture/cruise-fixture.js';
import { folderSeeds, legalTree, replaySeeds, treeSeeds } from './architecture/seeds.js';

const names = (rules: typeof ruleFiles.written) => (rules.forbidden ?? []).map(({ name }) => name).sort();

describe('boundary rules', () => {
  test.each(Object.entries(folderSeeds))('%s is the only rule that refuses its seeded import', async (rule, files) => {
    expect(await cruiseFixture(ruleFiles.written, files)).toEqual([rule]);
  });

  test.each(Object.entries(treeSeeds))('%s refuses its seeded mistake', async (rule, files) => {
    expect(await cruiseFixture(ruleFiles.written, files)).toContain(rule);
  });

  test.each(Object.entries(replaySeeds))('%s refuses what only a replay would notice', async (rule, files) => {
    expect(await cruiseFixture(ruleFiles.replayed, files)).toEqual([rule]);
  });

  test('both runs accept every edge the design draws', async () => {
    expect(await cruiseFixture(ruleFiles.written, legalTree)).toEqual([]);
    expect(await cruiseFixture(ruleFiles.replayed, legalTree)).toEqual([]);
  });

  test('an import kept only for its side effect is executed by a replay', async () => {
    const workflow = { 'workflows/deliver-webhook.ts': "import '../activities/index.js';" };
    expect(await cruiseFixture(ruleFiles.replayed, { ...legalTree, ...workflow })).toContain(
      'replay-reaches-only-replayable-code',
    );
  });

  test('a deep import of a package is held to the same owner as the package', async () => {
    const files = { 'bridge/nats/pull-loop.ts': "import 'pg/index.js';" };
    expect(await cruiseFixture(ruleFiles.written, files)).toEqual(['bridge-packages']);
  });

  test('every rule has a reason and a seed that proves it bites', () => {
    expect(names(ruleFiles.written)).toEqual(Object.keys({ ...folderSeeds, ...treeSeeds }).sort());
    expect(names(ruleFiles.replayed)).toEqual(Object.keys(replaySeeds).sort());
    for (const rules of Object.values(ruleFiles)) {
      for (const rule of rules.forbidden ?? []) expect(rule.comment?.length ?? 0).toBeGreaterThan(40);
    }
  });
});
