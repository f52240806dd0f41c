import type { Child } from './process/start-child.js';

/** One server that runs as a child process, on the same port and data through restarts. */
export interface Part {
  /** Process id of the child that runs now (or ran last). */
  readonly pid: number;
  /** What the server printed, over all its restarts. */
  readonly logFile: string;
  /** Ends it politely and resolves when it is gone. May be called again. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data (stopping it first if it runs) and resolves when it answers. */
  restart(): Promise<void>;
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
