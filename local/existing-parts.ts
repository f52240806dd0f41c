import { probePostgres } from './postgres/probe-postgres.js';
import type { Part } from './restartable-part.js';
import { probeJetStream, type Nats } from './start-nats.js';
import type { Postgres } from './start-postgres.js';
import { probeTemporal, type Temporal } from './start-temporal.js';

/** A PostgreSQL that somebody else runs. Rejects when it does not answer. */
export const existingPostgres = async (adminUrl: string, log: (line: string) => void): Promise<Postgres> => {
  await answers('DATABASE_URL', () => probePostgres(adminUrl));
  log(`PostgreSQL: using the server of DATABASE_URL on ${new URL(adminUrl).host}`);
  return { ...notOurs('PostgreSQL'), adminUrl };
};

/** A NATS server that somebody else runs. Rejects when it or its JetStream does not answer. */
export const existingNats = async (url: string, log: (line: string) => void): Promise<Nats> => {
  await answers('NATS_URL', () => probeJetStream(url));
  log('NATS: using the server of NATS_URL');
  return { ...notOurs('NATS'), url };
};

/** A Temporal server that somebody else runs. Rejects when it or its namespace `default` does not answer. */
export const existingTemporal = async (address: string, log: (line: string) => void): Promise<Temporal> => {
  await answers('TEMPORAL_ADDRESS', () => probeTemporal(address));
  log(`Temporal: using the server of TEMPORAL_ADDRESS, ${address}`);
  return { ...notOurs('Temporal'), address, uiUrl: undefined };
};

// The message leaves out the URL, which may carry a password.
const answers = async (variable: string, probe: () => Promise<unknown>): Promise<void> => {
  try {
    await probe();
  } catch (error) {
    throw new Error(`the server of ${variable} does not answer: ${(error as Error).message}`, { cause: error });
  }
};

const notOurs = (name: string): Part => {
  const refuse = (): Promise<never> =>
    Promise.reject(new Error(`${name} was not started here, so it is not stopped or restarted here`));
  return { pid: undefined, logFile: undefined, stop: () => Promise.resolve(), kill: refuse, restart: refuse };
};
