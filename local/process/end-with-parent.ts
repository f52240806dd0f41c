import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

// Reads until its standard input closes. The system closes it when the parent has ended for any reason.
const script = 'while read -r _; do :; done; kill -s "$2" "$1" 2>/dev/null && sleep 3 && kill -s KILL "$1" 2>/dev/null';

/**
 * Makes sure that a child does not survive this process, even if this process is killed. A shell waits for the end of
 * this process and then sends `signal` to the child, three seconds later SIGKILL. Returns a function that ends the
 * shell.
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
