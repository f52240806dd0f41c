import { defineGroup } from '../group.js';
import { oneOf } from '../text-forms.js';
import { defaulted } from '../variable.js';

/** A process without the variable is in production: a forgotten variable must not allow what production refuses. */
export const DEFAULT_NODE_ENV = 'production';

export const processGroup = defineGroup({
  variables: {
    NODE_ENV: defaulted(oneOf('development', 'test', 'production'), DEFAULT_NODE_ENV),
    LOG_LEVEL: defaulted(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info'),
  },
  build: (v) => ({ production: v.NODE_ENV === 'production', environment: v.NODE_ENV, logLevel: v.LOG_LEVEL }),
});
