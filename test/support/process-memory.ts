import { open, readFile, type FileHandle } from 'node:fs/promises';

const CHUNK = 16 * 1024 * 1024;

/**
 * Which of these byte strings the process holds anywhere in its writable memory: heaps, buffers, stacks, native libraries.
 * Linux only, and only for a user that may debug the process.
 */
export async function bytesInMemory(pid: number, wanted: Readonly<Record<string, Buffer>>): Promise<string[]> {
  const maps = await readFile(`/proc/${String(pid)}/maps`, 'utf8');
  const memory = await open(`/proc/${String(pid)}/mem`, 'r');
  const overlap = Math.max(...Object.values(wanted).map((bytes) => bytes.length));
  const found = new Set<string>();
  try {
    for await (const bytes of chunks(memory, writable(maps), overlap))
      Object.entries(wanted).forEach(([name, value]) => bytes.includes(value) && found.add(name));
  } finally {
    await memory.close();
  }
  return [...found].sort();
}

interface Region {
  from: number;
  to: number;
}

const writable = (maps: string): Region[] =>
  [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)].map(([, from = '', to = '']) => ({
    from: Number.parseInt(from, 16),
    to: Number.parseInt(to, 16),
  }));

/** Bytes across the border of two chunks are complete in the second one. */
async function* chunks(memory: FileHandle, regions: Region[], overlap: number): AsyncGenerator<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK);
  for (const { from, to } of regions)
    for (let at = from; at < to; at += CHUNK - overlap) {
      // A region may be given back while it is read.
      const { bytesRead } = await memory.read(chunk, 0, Math.min(CHUNK, to - at), at).catch(() => ({ bytesRead: 0 }));
      yield chunk.subarray(0, bytesRead);
    }
}
