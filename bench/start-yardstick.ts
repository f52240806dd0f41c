import { join } from 'node:path';
import { packageRoot } from '../local/process/package-root.js';
import { startChild, type Child } from '../local/process/start-child.js';
import type { World } from './start-world.js';
import type { YardstickState } from './yardstick-state.js';

export interface Yardstick {
  readonly child: Child;
  /** Resolves when its process has told of this state; rejects when it ends before. */
  readonly reached: (state: YardstickState['state']) => Promise<YardstickState>;
}

/** Starts one of the processes that do the same without us. */
export async function startYardstick(
  world: Pick<World, 'dir'>,
  script: 'empty-workflows' | 'forwarder',
  args: readonly string[],
): Promise<Yardstick> {
  const told: YardstickState[] = [];
  const child = await startChild({
    name: script,
    command: process.execPath,
    args: [join(packageRoot(), 'dist', 'bench', `${script}.js`), ...args],
    cwd: world.dir,
    env: {},
    logFile: join(world.dir, `${script}.log`),
    onLine: (line) => {
      if (line.startsWith('{"state"')) told.push(JSON.parse(line) as YardstickState);
    },
  });
  const reached: Yardstick['reached'] = async (wanted) => {
    for (;;) {
      const found = told.find(({ state }) => state === wanted);
      if (found !== undefined) return found;
      if (child.ended() !== undefined) throw new Error(`${script} ended (${child.ended() ?? ''})\n${child.tail()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { child, reached };
}
