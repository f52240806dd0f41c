type Files = Record<string, string>;

/** `from` imports `to` by value; `to` is an empty module of its own. */
const imports = (from: string, to: string): Files => ({
  [from]: `import { it } from '${relative(from, to)}';\nexport const use = it;`,
  [to]: 'export const it = 1;',
});

const importsType = (from: string, to: string): Files => ({
  [from]: `import type { It } from '${relative(from, to)}';\nexport type Use = It;`,
  [to]: 'export type It = 1;',
});

const importsModule = (from: string, name: string): Files => ({ [from]: `import '${name}';` });

const relative = (from: string, to: string): string =>
  `${'../'.repeat(from.split('/').length - 1)}${to.replace(/\.ts$/, '.js')}`;

/** One likely mistake per folder: an import that a developer in a hurry would write. Rule name → files. */
export const folderSeeds: Record<string, Files> = {
  'domain/delivery-folders': imports('domain/delivery/outcome.ts', 'domain/security/signing.ts'),
  'domain/delivery-packages': importsModule('domain/delivery/outcome.ts', 'zod'),
  'domain/delivery-node': importsModule('domain/delivery/delivery-id.ts', 'node:crypto'),
  'domain/security-folders': imports('domain/security/envelope.ts', 'keys/data-keys.ts'),
  'domain/security-packages': importsModule('domain/security/signing.ts', 'zod'),
  'domain/security-node': importsModule('domain/security/url-gate.ts', 'node:dns/promises'),
  'domain-folders': imports('domain/errors.ts', 'contracts/rest/problem.ts'),
  'domain-packages': importsModule('domain/errors.ts', 'zod'),
  'domain-node': importsModule('domain/errors.ts', 'node:fs'),
  'contracts-folders': imports('contracts/rest/webhook.ts', 'db/schema.ts'),
  'contracts-packages': importsModule('contracts/rest/webhook.ts', 'express'),
  'contracts-node': importsModule('contracts/rest/webhook.ts', 'node:crypto'),
  'config-folders': imports('config/load-api.ts', 'api/app.ts'),
  'config-packages': importsModule('config/load-api.ts', 'pg'),
  'config-node': importsModule('config/load-api.ts', 'node:net'),
  'db-folders': imports('db/attempts.ts', 'api/present.ts'),
  'db-types-only': imports('db/attempts.ts', 'contracts/rest/delivery.ts'),
  'db-packages': importsModule('db/client.ts', 'pg-boss'),
  'db-node': importsModule('db/webhooks/webhooks.ts', 'node:http'),
  'keys-folders': imports('keys/data-keys.ts', 'db/webhooks/webhooks.ts'),
  'keys-packages': importsModule('keys/kms.ts', 'pg'),
  'keys-node': importsModule('keys/kms.ts', 'node:fs'),
  'outbound-folders': imports('outbound/post.ts', 'db/attempts.ts'),
  'outbound-packages': importsModule('outbound/post.ts', 'express'),
  'outbound-node': importsModule('outbound/post.ts', 'node:child_process'),
  'activities-folders': imports('activities/sign-and-post.ts', 'bridge/nats/pull-loop.ts'),
  'activities-packages': importsModule('activities/persist-attempt.ts', 'pg'),
  'activities-node': importsModule('activities/sign-and-post.ts', 'node:https'),
  'workflows-folders': imports('workflows/deliver-webhook.ts', 'db/attempts.ts'),
  'workflows-types-only': imports('workflows/deliver-webhook.ts', 'activities/index.ts'),
  'workflows-packages': importsModule('workflows/deliver-webhook.ts', 'zod'),
  'workflows-node': importsModule('workflows/deliver-webhook.ts', 'node:crypto'),
  'bridge-folders': imports('bridge/start-delivery.ts', 'outbound/post.ts'),
  'bridge-types-only': imports('bridge/start-delivery.ts', 'workflows/deliver-webhook.ts'),
  'bridge-packages': importsModule('bridge/record-deliveries.ts', 'pg'),
  'bridge-node': importsModule('bridge/nats/pull-loop.ts', 'node:http'),
  'control-folders': imports('control/replay-delivery.ts', 'api/problem-error.ts'),
  'control-types-only': imports('control/replay-delivery.ts', 'workflows/deliver-webhook.ts'),
  'control-packages': importsModule('control/replay-delivery.ts', 'express'),
  'control-node': importsModule('control/replay-delivery.ts', 'node:fs'),
  'api-folders': imports('api/webhooks.ts', 'outbound/post.ts'),
  'api-packages': importsModule('api/webhooks.ts', 'nats'),
  'api-node': importsModule('api/webhooks.ts', 'node:fs'),
  'cli-folders': imports('cli/replay.ts', 'bridge/start-delivery.ts'),
  'cli-types-only': imports('cli/tail.ts', 'db/queries/deliveries.ts'),
  'cli-packages': importsModule('cli/emit.ts', 'nats'),
  'cli-node': importsModule('cli/sign.ts', 'node:fs'),
  'producer-folders': imports('producer/create-producer.ts', 'bridge/nats/streams.ts'),
  'producer-packages': importsModule('producer/create-producer.ts', 'pg'),
  'producer-node': importsModule('producer/create-producer.ts', 'node:http'),
  'demo-folders': imports('demo/story.ts', 'db/webhooks/webhooks.ts'),
  'demo-packages': importsModule('demo/story.ts', 'pg'),
  'local-folders': imports('local/customer.ts', 'bridge/nats/pull-loop.ts'),
  'local-packages': importsModule('local/customer.ts', 'express'),
};

/** Mistakes that are not about one folder. */
export const treeSeeds: Record<string, Files> = {
  'no-undeclared-folder': { 'queueing/a.ts': "import '../domain/b.js';", 'domain/b.ts': 'export {};' },
  'no-imports-of-undeclared-folders': imports('bin/api.ts', 'queueing/a.ts'),
  'code-without-gates': imports('bin/api.ts', '.language/names.ts'),
  'no-grab-bags': imports('bin/api.ts', 'api/string-utils.ts'),
  'services-without-local-parts': imports('bin/dispatcher.ts', 'local/kms-server.ts'),
  'production-without-tests': imports('bin/dispatcher.ts', 'test/support/receiver.ts'),
  'production-without-dev-dependencies': importsModule('bin/api.ts', 'supertest'),
  'no-cycles': {
    'bin/api.ts': "import '../api/app.js';",
    'api/app.ts': "import './webhooks.js'; export const app = 1;",
    'api/webhooks.ts': "import './app.js'; export const webhooks = 1;",
  },
  'no-orphans': { 'domain/left-over.ts': 'export const unused = 1;' },
  'no-unresolvable': importsModule('bin/api.ts', './gone.js'),
};

/** Code that a replay would execute: visible only after compilation, transitively. */
export const replaySeeds: Record<string, Files> = {
  'replay-reaches-only-replayable-code': {
    ...imports('workflows/deliver-webhook.ts', 'domain/delivery/outcome.ts'),
    ...imports('domain/delivery/outcome.ts', 'domain/security/signing.ts'),
  },
  'replay-reaches-no-package': {
    ...imports('workflows/deliver-webhook.ts', 'domain/delivery/outcome.ts'),
    'domain/delivery/outcome.ts': "import 'zod'; export const it = 1;",
  },
  'replay-reaches-no-node-module': {
    ...imports('workflows/deliver-webhook.ts', 'domain/delivery/outcome.ts'),
    'domain/delivery/outcome.ts': "import 'node:crypto'; export const it = 1;",
  },
};

/** The edges the design draws, all legal at once: rules that refuse these are too strict. */
export const legalTree: Files = {
  ...imports('bin/dispatcher.ts', 'bridge/start-delivery.ts'),
  ...imports('bin/demo.ts', 'local/customer.ts'),
  ...imports('test/unit/delivery.test.ts', 'activities/index.ts'),
  ...importsType('bridge/start-delivery.ts', 'workflows/deliver-webhook.ts'),
  ...importsType('db/attempts.ts', 'domain/delivery/outcome.ts'),
  'bridge/start-delivery.ts':
    "import 'nats'; import type { It } from '../workflows/deliver-webhook.js'; export let it: It;",
  'workflows/deliver-webhook.ts': [
    "import '@temporalio/workflow';",
    "import type { Activities } from '../activities/index.js';",
    "import { nextDelayMs } from '../domain/delivery/retry-schedule.js';",
    'export type It = [Activities, typeof nextDelayMs];',
    'export const delay = nextDelayMs;',
  ].join('\n'),
  'activities/index.ts':
    "import { save } from '../db/attempts.js'; export type Activities = typeof save; export const it = save;",
  'db/attempts.ts':
    "import 'pg'; import type { It } from '../domain/delivery/outcome.js'; export const save = 1 as It;",
  'domain/delivery/retry-schedule.ts': 'export const nextDelayMs = 1;',
  'local/customer.ts': "import 'node:http'; import '../domain/security/signing.js'; export const it = 1;",
  'domain/security/signing.ts': "import 'node:crypto'; export const sign = 1;",
};
