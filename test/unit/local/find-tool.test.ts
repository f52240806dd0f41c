import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../../local/tools/find-tool.js';
import type { ToolName } from '../../../local/tools/tool.js';

const script = (lines: string) => `#!/bin/sh\n${lines}\n`;
const server = (version: string) => script(`echo "nats-server: v${version}"`);

/** A fake Go that writes the program into GOBIN, slowly enough for a second call to overlap, and records its runs. */
const go = (folder: string, then: string) => script(`echo run >> ${folder}/go-runs\nsleep 0.3\n${then}`);
const goodBuild = `printf '#!/bin/sh\\necho "nats-server: v9.9.9"\\n' > "$GOBIN/nats-server" && chmod +x "$GOBIN/nats-server"`;

describe('findTool', () => {
  let folder: string;
  let lines: string[];
  const put = async (path: string, content: string) => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content, { mode: 0o755 });
  };
  const find = (signal?: AbortSignal, name: ToolName = 'nats-server') =>
    findTool({
      name,
      env: { PATH: `${folder}/bin:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache') },
      log: (line) => lines.push(line),
      projectRoot: folder,
      signal,
    });
  const cached = () => readdir(join(folder, 'cache', 'webhook-dispatcher'));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'find-tool-'));
    lines = [];
    await put(
      'tools/nats/go.mod',
      'module tools/nats\n\nrequire github.com/nats-io/nats-server/v2 v9.9.9 // indirect\n',
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('prefers the pinned version in the cache', async () => {
    await put('cache/webhook-dispatcher/nats-server-v9.9.9/nats-server', server('9.9.9'));
    await put('bin/nats-server', server('2.12.1'));
    expect((await find()).from).toBe('cache');
  });

  test('takes the program on the PATH if it is new enough', async () => {
    await put('bin/nats-server', server('2.10.0'));
    expect(await find()).toEqual({ from: 'PATH', path: join(folder, 'bin', 'nats-server') });
  });

  test('builds the pinned module when the one on the PATH is too old, and finds it in the cache afterwards', async () => {
    await put('bin/nats-server', server('2.9.10'));
    await put('bin/go', go(folder, goodBuild));
    expect((await find()).from).toBe('built');
    expect(lines.join('\n')).toMatch(/building nats-server v9\.9\.9 .*once/);
    expect(await cached()).toEqual(['nats-server-v9.9.9']);
    expect((await find()).from).toBe('cache');
  });

  test('does not take a program that cannot run', async () => {
    await put('bin/nats-server', script('exit 1'));
    await put('bin/go', go(folder, goodBuild));
    expect((await find()).from).toBe('built');
  });

  test('a program that needs another one built beside it is not taken from the PATH', async () => {
    await put('tools/temporal-server/go.mod', 'module tools/x\n\nrequire go.temporal.io/server v9.9.9\n');
    await put('bin/server', script('echo "temporal version 9.9.9"'));
    await put('bin/temporal-server', script('echo "temporal version 9.9.9"'));
    await put('bin/go', go(folder, 'cp "$(dirname "$0")/server" "$GOBIN/server"'));
    expect((await find(undefined, 'temporal-server')).path).toMatch(/cache\/.*\/temporal-server-v9\.9\.9\/server$/);
  });

  test('builds once for two concurrent calls', async () => {
    await put('bin/go', go(folder, goodBuild));
    const both = await Promise.all([find(), find()]);
    expect(new Set(both.map(({ path }) => path)).size).toBe(1);
    expect(await readdir(folder)).toContain('go-runs');
    expect(lines.filter((line) => line.includes('once'))).toHaveLength(1);
  });

  test('leaves nothing behind when the build fails or is interrupted, and says every way to get the tool', async () => {
    await put('bin/go', go(folder, 'echo "no such module" >&2; exit 1'));
    await expect(find()).rejects.toThrow(
      /NATS could not be started[^]*no such module[^]*install Go 1\.25[^]*2\.10 or later\) on the PATH[^]*set NATS_URL/,
    );
    await put('bin/go', go(folder, 'touch "$GOBIN/nats-server"; exec sleep 20'));
    await expect(find(AbortSignal.timeout(600))).rejects.toThrow(/building it failed/);
    expect(await cached()).toEqual([]);
  });

  test('takes over the lock and removes the draft of a build that was killed', async () => {
    const cache = 'cache/webhook-dispatcher';
    await put(`${cache}/nats-server-v9.9.9.lock`, '4194305');
    await put(`${cache}/.build-4194305-abc/nats-server`, 'half');
    await put('bin/go', go(folder, goodBuild));
    expect((await find()).from).toBe('built');
    expect(await cached()).toEqual(['nats-server-v9.9.9']);
  });
});
