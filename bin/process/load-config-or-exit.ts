import { ConfigError } from '../../config/config-error.js';
import type { NodeRuntime } from '../../config/start-refusals.js';

const EX_CONFIG = 78;

/** Loads a configuration, or prints every problem and exits with code 78 (sysexits.h EX_CONFIG). */
export function loadConfigOrExit<T>(load: (env: NodeJS.ProcessEnv, runtime: NodeRuntime) => T): T {
  try {
    return load(process.env, { execArgv: process.execArgv, uid: process.getuid?.() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return process.exit(EX_CONFIG);
  }
}
