import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';

type RuleFile = IFlattenedRuleSet & { options: ICruiseOptions };

const load = createRequire(import.meta.url);

/** The two rule files of the repository, as the gates run them. */
export const ruleFiles = {
  written: load('../../../.dependency-cruiser.cjs') as RuleFile,
  replayed: load('../../../.dependency-cruiser.replay.cjs') as RuleFile,
};

/** Packages as the fixtures see them: empty, but resolvable and declared. */
const PACKAGES = ['express', 'nats', 'pg', 'pg-boss', 'zod', '@temporalio/workflow'];
const DEV_PACKAGES = ['supertest'];

const declare = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));

const baseFiles = () => ({
  'package.json': JSON.stringify({ dependencies: declare(PACKAGES), devDependencies: declare(DEV_PACKAGES) }),
  ...Object.fromEntries(
    [...PACKAGES, ...DEV_PACKAGES].flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, ''],
    ]),
  ),
});

/** Writes `files` into a temporary tree, cruises it and returns the names of the violated rules, sorted, each once. */
export async function cruiseFixture(rules: RuleFile, files: Record<string, string>): Promise<string[]> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'architecture-')));
  try {
    for (const [name, text] of Object.entries({ ...baseFiles(), ...files })) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    const { tsConfig, enhancedResolveOptions, ...options } = rules.options;
    const report = await cruise(
      Object.keys(files),
      { ...options, baseDir: root, validate: true, ruleSet: { forbidden: rules.forbidden ?? [] } },
      { ...enhancedResolveOptions },
    );
    const { violations } = (report.output as ICruiseResult).summary;
    return [...new Set(violations.map(({ rule }) => rule.name))].sort();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
