import type { Child } from './process/start-child.js';

/** One server that runs as a child process, on the same port and data through restarts. */
export interface Part {
  /** Process id of the child that runs now (or ran last); undefined when somebody else runs the server. */
  readonly pid: number | undefined;
  /** What the server printed, over all its restarts; undefined when somebody else runs it. */
  readonly logFile: string | undefined;
  /** Ends it politely and resolves when it is gone. May be called again. */
  readonly stop: () => Promise<void>;
  /** Ends it as a crash would. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and data (stopping it first if it runs) and resolves when it answers. */
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
