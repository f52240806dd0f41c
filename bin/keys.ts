import { describeConfig } from '../config/describe-config.js';
import { loadKeysConfig } from '../config/load-keys-config.js';
import { assertCanReadAllEnvelopes, readEnvelopes, replaceEnvelope } from '../db/maintenance/webhook-envelopes.js';
import { createDataKeys } from '../keys/data-keys.js';
import { createKms } from '../keys/kms.js';
import { reencrypt } from '../keys/reencrypt.js';
import { KEYS_USAGE, readKeysOptions } from './keys-options.js';
import { createLogger } from './process/logger.js';
import { openPool } from './process/open-pool.js';
import { loadConfigOrExit } from './process/load-config-or-exit.js';

const EX_USAGE = 64;

const options = readKeysOptions(process.argv.slice(2), Date.now());
if (options === undefined) {
  console.error(KEYS_USAGE);
  process.exit(EX_USAGE);
}
const config = loadConfigOrExit(loadKeysConfig);
const log = createLogger({ role: 'keys', level: config.process.logLevel });
log.info({ config: describeConfig(config), ...options }, 'starting');

const { previousKeyArn, ...kmsOptions } = config.kms;
const kms = createKms(kmsOptions);
const previousKms = previousKeyArn === undefined ? undefined : createKms({ ...kmsOptions, keyArn: previousKeyArn });
const pool = openPool(config.database, log, { poolMax: 1, applicationName: 'webhook-keys' });
try {
  await assertCanReadAllEnvelopes(pool);
  const counts = await reencrypt(
    {
      readEnvelopes: (afterAccountId) => readEnvelopes(pool, afterAccountId),
      replaceEnvelope: (stored, envelope) => replaceEnvelope(pool, stored, envelope),
      current: createDataKeys({ kms, now: Date.now }),
      previous: previousKms && createDataKeys({ kms: previousKms, now: Date.now }),
      reportProgress: (soFar) => log.info(soFar, 'progress'),
      reportUndecryptable: ({ accountId, webhookId }, error) =>
        log.error({ accountId, webhookId, err: error }, 'no key opens this envelope; it is left unchanged'),
    },
    options,
  );
  log.info({ ...counts, dryRun: options.dryRun }, 'all envelopes were checked');
  if (counts.undecryptable > 0) process.exitCode = 1;
} catch (error) {
  log.fatal({ err: error }, 'not finished: run it again for the rest');
  process.exitCode = 1;
} finally {
  await pool.end();
  kms.close();
  previousKms?.close();
}
