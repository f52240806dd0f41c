import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

// Reads until its standard input closes, which the system does when the parent is gone, however it went.
const script = 'while read -r _; do :; done; kill -s "$2" "$1" 2>/dev/null && sleep 3 && kill -s KILL "$1" 2>/dev/null';

/**
 * Makes sure that a child does not survive this process, even when that is killed: a shell waits beside the child for
 * our end and then sends `signal`, three seconds later SIGKILL. Returns the function that calls it off.
 */
export const endWithParent = (pid: number, signal: NodeJS.Signals): (() => void) => {
  const watcher = spawn('/bin/sh', ['-c', script, 'end-with-parent', String(pid), signal.replace(/^SIG/, '')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return () => void watcher.kill('SIGKILL');
};
