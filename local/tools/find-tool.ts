import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../process/package-root.js';
import { runProgram } from '../process/run-program.js';
import type { ChildEnvironment } from '../process/start-child.js';
import { buildTool } from './build-tool.js';
import { pinnedVersion, getToolFileName, tools, type Tool, type ToolName } from './tool.js';

export interface FindToolOptions {
  readonly name: ToolName;
  /** PATH, HOME and XDG_CACHE_HOME are read from it. A build passes it to Go. */
  readonly env: ChildEnvironment;
  readonly log: (line: string) => void;
  /** Called every second during a build with a text to overwrite. Without it, `log` receives a line every 15 s. */
  readonly progress?: (text: string) => void;
  readonly projectRoot?: string;
  /** Aborts a build. */
  readonly signal?: AbortSignal | undefined;
}

export interface FoundTool {
  readonly path: string;
  readonly from: 'cache' | 'PATH' | 'built';
}

/**
 * Finds the program in the pinned version in the user's cache, else on the PATH if it is new enough, else builds it
 * from the pinned Go module into the cache. Rejects with one message that names the ways to get it.
 */
export const findTool = async (options: FindToolOptions): Promise<FoundTool> => {
  const tool = tools[options.name];
  const projectRoot = options.projectRoot ?? packageRoot();
  const version = await pinnedVersion(tool, projectRoot);
  const cache = cacheFolder(options.env);
  const cached = join(cache, `${tool.name}-${version}`, getToolFileName(tool));
  if (await isUsable(tool, cached, options.env)) return { path: cached, from: 'cache' };
  // Some packages install the program under another name (`temporal-server` in Temporal's images), often without `sql`.
  const onPath = tool.program === undefined ? await findOnPath(tool, options.env) : undefined;
  if (onPath) return { path: onPath, from: 'PATH' };
  try {
    return { path: await buildTool({ ...options, tool, version, cache, projectRoot }), from: 'built' };
  } catch (error) {
    throw new Error(describeWaysToGet(tool, version, (error as Error).message), { cause: error });
  }
};

const cacheFolder = (env: ChildEnvironment): string =>
  join(env['XDG_CACHE_HOME'] || join(env['HOME'] || '/', '.cache'), 'webhook-dispatcher');

const findOnPath = async (tool: Tool, env: ChildEnvironment): Promise<string | undefined> => {
  // Debian installs servers into sbin, which a normal user's PATH lacks.
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/local/bin', '/usr/local/sbin', '/usr/sbin'];
  for (const folder of new Set(folders.filter((each) => each.startsWith('/')))) {
    const path = join(folder, tool.name);
    if (await isUsable(tool, path, env)) return path;
  }
  return undefined;
};

const isUsable = async (tool: Tool, path: string, env: ChildEnvironment): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
  } catch {
    return false;
  }
  const { code, output } = await runProgram(path, ['--version'], { env, timeoutMs: 20_000 });
  const [, major, minor] = /(\d+)\.(\d+)\.\d+/.exec(output) ?? [];
  if (code !== 0 || major === undefined) return false;
  const [wantedMajor, wantedMinor] = tool.oldest;
  return Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
};

const describeWaysToGet = (tool: Tool, version: string, why: string): string => {
  const oldest = tool.oldest[0] > 0 ? ` (${tool.oldest.join('.')} or later)` : '';
  const onPath = tool.program === undefined ? [`  - put ${tool.name}${oldest} on the PATH`] : [];
  return [
    `${tool.part} could not be started: there is no usable ${tool.name}, and building it failed: ${why}`,
    'Any one of these helps:',
    `  - install Go 1.25 or later (https://go.dev/dl): ${version} is then built once, in ${tool.buildTime}`,
    ...onPath,
    `  - set ${tool.instead} to a server that runs already`,
  ].join('\n');
};
