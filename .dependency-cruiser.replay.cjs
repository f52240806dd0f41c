// Import directions, run 2 of 2: after compilation, where `import type` is gone. The rest is executed by a replay.
// It cannot be one run with the first: there the type-only edge to the activities would make the database "reachable".
const { options } = require('./.dependency-cruiser.cjs');

const fromWorkflows = { path: '^workflows/' };

module.exports = {
  forbidden: [
    {
      name: 'replay-reaches-only-replayable-code',
      comment:
        'Whatever a workflow reaches is executed again on every replay: only workflows/ and domain/delivery/ are written for that.',
      severity: 'error',
      from: fromWorkflows,
      to: {
        path: '^[a-z]+/',
        pathNot: ['^workflows/', '^domain/delivery/', '^node_modules/', '^node:'],
        reachable: true,
      },
    },
    {
      name: 'replay-reaches-no-package',
      comment: 'A library inside the bundle changes with its upgrades; the SDK alone promises compatible replays.',
      severity: 'error',
      from: fromWorkflows,
      to: {
        path: '(?:^|/)node_modules/',
        pathNot: '(?:^|/)node_modules/@temporalio/(?:workflow|common)/',
        reachable: true,
      },
    },
    {
      name: 'replay-reaches-no-node-module',
      comment: 'The sandbox has no Node modules: time, randomness and I/O come from the SDK or from activities.',
      severity: 'error',
      from: fromWorkflows,
      to: {
        path: '^(?:node:)?(?:assert|async_hooks|buffer|child_process|crypto|dgram|dns|events|fs|http|http2|https|net|os|path|perf_hooks|process|stream|timers|tls|url|util|v8|vm|worker_threads|zlib)(?:/|$)',
        reachable: true,
      },
    },
  ],
  options: { ...options, tsPreCompilationDeps: false },
};
