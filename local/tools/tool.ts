import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ToolName = 'nats-server' | 'temporal' | 'temporal-server';

/** A Go program that we start, as pinned in `tools/<folder>/go.mod`. */
export interface Tool {
  readonly name: ToolName;
  /** File name of the Go program, if it differs from `name`. */
  readonly program?: string;
  /** Name in messages. */
  readonly part: string;
  /** Folder with go.mod and go.sum, below the package root. */
  readonly folder: string;
  /** Module whose version in go.mod is the tool's version. */
  readonly module: string;
  /** Oldest accepted version on the PATH. */
  readonly oldest: readonly [major: number, minor: number];
  /** How long a first build takes, in words. */
  readonly buildTime: string;
  /** The environment variable that makes the tool unnecessary. */
  readonly instead: string;
}

export const tools: Readonly<Record<ToolName, Tool>> = {
  'nats-server': {
    name: 'nats-server',
    part: 'NATS',
    folder: 'tools/nats',
    module: 'github.com/nats-io/nats-server/v2',
    // 2.10 brought consumers with several filter subjects.
    oldest: [2, 10],
    buildTime: 'half a minute',
    instead: 'NATS_URL',
  },
  temporal: {
    name: 'temporal',
    part: 'Temporal',
    folder: 'tools/temporal',
    module: 'github.com/temporalio/cli',
    // A build from source reports version 0.0.0-DEV, so every number is accepted.
    oldest: [0, 0],
    buildTime: 'about three minutes',
    instead: 'TEMPORAL_ADDRESS',
  },
  // The production server; the program `sql`, which makes its schema, is built beside it.
  'temporal-server': {
    name: 'temporal-server',
    program: 'server',
    part: 'Temporal',
    folder: 'tools/temporal-server',
    module: 'go.temporal.io/server',
    oldest: [1, 29],
    buildTime: 'two to six minutes',
    instead: 'TEMPORAL_ADDRESS',
  },
};

/** The program's file name, in the cache and on the PATH. */
export const getToolFileName = ({ name, program = name }: Tool): string => program;

/** The version that go.mod pins, e.g. `v2.12.1`. */
export const pinnedVersion = async (tool: Tool, projectRoot: string): Promise<string> => {
  const text = await readFile(join(projectRoot, tool.folder, 'go.mod'), 'utf8');
  const words = text.split('\n').map((line) => line.trim().split(/\s+/));
  const version = words
    .map((line) => (line[0] === 'require' ? line.slice(1) : line))
    .find(([name]) => name === tool.module);
  if (!version?.[1]) throw new Error(`${tool.folder}/go.mod does not pin ${tool.module}`);
  return version[1];
};
