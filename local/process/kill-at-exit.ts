const alive = new Map<number, NodeJS.Signals>();
let installed = false;

/**
 * Remembers a child so that it does not survive this process when nobody stopped it: the last resort behind `stop()`,
 * for an uncaught error or a `process.exit()`. Returns the function that forgets it again.
 */
export const killAtExit = (pid: number, signal: NodeJS.Signals): (() => void) => {
  if (!installed) process.on('exit', killAll);
  installed = true;
  alive.set(pid, signal);
  return () => void alive.delete(pid);
};

const killAll = (): void => {
  for (const [pid, signal] of alive) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself in the same moment.
    }
  }
};
