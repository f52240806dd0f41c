import type { Child } from './process/start-child.js';

/** One server that runs as a child process. It keeps port and data through restarts. */
export interface Part {
  /** Process id of the current or last child; undefined for an external server. */
  readonly pid: number | undefined;
  /** Output of the server over all restarts; undefined for an external server. */
  readonly logFile: string | undefined;
  /** Ends the server with its stop signals. Resolves when it has ended; may be called again. */
  readonly stop: () => Promise<void>;
  /** Ends the server at once, as a crash does. */
  readonly kill: () => Promise<void>;
  /** Stops the server if it runs, starts it on the same port and data, and resolves when it answers. */
  readonly restart: () => Promise<void>;
}

/** Launches a part for the first time. `launch` resolves with a child that already answers. */
export const restartablePart = async (logFile: string, launch: () => Promise<Child>): Promise<Part> => {
  let child = await launch();
  return {
    get pid() {
      return child.pid;
    },
    logFile,
    stop: () => child.stop(),
    kill: () => child.kill(),
    restart: async () => {
      await child.stop();
      child = await launch();
    },
  };
};
