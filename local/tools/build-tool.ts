import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../process/is-alive.js';
import { runProgram } from '../process/run-program.js';
import type { ChildEnvironment } from '../process/start-child.js';
import { withLock } from './with-lock.js';
import { getToolFileName, type Tool } from './tool.js';

export interface BuildToolOptions {
  readonly tool: Tool;
  readonly version: string;
  /** Folder of all cached tools. */
  readonly cache: string;
  readonly projectRoot: string;
  readonly env: ChildEnvironment;
  readonly log: (line: string) => void;
  readonly progress?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds the pinned Go module into `<cache>/<tool>-<version>/` and resolves with the program's path. It builds in
 * another folder and renames that, so that an interrupted build never looks complete. A second process waits for the
 * first.
 */
export const buildTool = async (options: BuildToolOptions): Promise<string> => {
  const { tool, version, cache, log } = options;
  const target = join(cache, `${tool.name}-${version}`);
  await mkdir(cache, { recursive: true });
  const onWait = () => log(`${tool.part}: another process is building ${tool.name}, waiting for it`);
  await withLock({ file: `${target}.lock`, onWait, signal: options.signal }, async (waited) => {
    if (waited && (await contains(target, getToolFileName(tool)))) return;
    await removeAbandoned(cache);
    log(`${tool.part}: building ${tool.name} ${version} from ${tool.folder}/go.mod, once (${tool.buildTime})`);
    const draft = await mkdtemp(join(cache, `.build-${process.pid}-`));
    try {
      await goInstall(options, draft);
      await rm(target, { recursive: true, force: true });
      await rename(draft, target);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
  return join(target, getToolFileName(tool));
};

const goInstall = async (options: BuildToolOptions, draft: string): Promise<void> => {
  const { tool, env, projectRoot, log } = options;
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  const report = options.progress ?? log;
  const ticker = setInterval(
    () => report(`${tool.part}: building ${tool.name}, ${seconds()} s`),
    options.progress ? 1_000 : 15_000,
  );
  try {
    const path = `${env['PATH'] ?? ''}:/usr/local/go/bin`;
    const { code, output } = await runProgram('go', ['install', '-C', join(projectRoot, tool.folder), 'tool'], {
      env: { ...env, PATH: path, GOBIN: draft, GOFLAGS: `${env['GOFLAGS'] ?? ''} -mod=readonly`.trim() },
      timeoutMs: 30 * 60_000,
      signal: options.signal,
    });
    if (code !== 0) throw new Error(output.trim().split('\n').slice(-5).join('\n'));
  } finally {
    clearInterval(ticker);
  }
  if (!(await contains(draft, getToolFileName(tool)))) throw new Error(`go install made no ${getToolFileName(tool)}`);
  log(`${tool.part}: built in ${seconds()} s, kept in ${options.cache}`);
};

const contains = async (folder: string, name: string): Promise<boolean> => {
  const names = await readdir(folder).catch((): string[] => []);
  return names.includes(name);
};

const removeAbandoned = async (cache: string): Promise<void> => {
  for (const name of await readdir(cache)) {
    const [, pid] = /^\.build-(\d+)-/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
};
