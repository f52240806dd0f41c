import { probePostgres } from './postgres/probe-postgres.js';
import type { Part } from './restartable-part.js';
import { probeJetStream, type Nats } from './start-nats.js';
import type { Postgres } from './start-postgres.js';
import { probeTemporal, type Temporal } from './start-temporal.js';

/** Uses an external PostgreSQL. Rejects if it does not answer. */
export const existingPostgres = async (adminUrl: string, log: (line: string) => void): Promise<Postgres> => {
  await requireAnswer('DATABASE_URL', () => probePostgres(adminUrl));
  log(`PostgreSQL: using the server of DATABASE_URL on ${new URL(adminUrl).host}`);
  return { ...createExternalPart('PostgreSQL'), adminUrl };
};

/** Uses an external NATS server. Rejects if the server or its JetStream does not answer. */
export const existingNats = async (url: string, log: (line: string) => void): Promise<Nats> => {
  await requireAnswer('NATS_URL', () => probeJetStream(url));
  log('NATS: using the server of NATS_URL');
  return { ...createExternalPart('NATS'), url };
};

/** Uses an external Temporal server. Rejects if the server or its namespace `default` does not answer. */
export const existingTemporal = async (address: string, log: (line: string) => void): Promise<Temporal> => {
  await requireAnswer('TEMPORAL_ADDRESS', () => probeTemporal(address));
  log(`Temporal: using the server of TEMPORAL_ADDRESS, ${address}`);
  return { ...createExternalPart('Temporal'), address, uiUrl: undefined };
};

// The message leaves out the URL, which may carry a password.
const requireAnswer = async (variable: string, probe: () => Promise<unknown>): Promise<void> => {
  try {
    await probe();
  } catch (error) {
    throw new Error(`the server of ${variable} does not answer: ${(error as Error).message}`, { cause: error });
  }
};

const createExternalPart = (name: string): Part => {
  const refuse = (): Promise<never> =>
    Promise.reject(new Error(`${name} is external, so it is not stopped or restarted here`));
  return { pid: undefined, logFile: undefined, stop: () => Promise.resolve(), kill: refuse, restart: refuse };
};
