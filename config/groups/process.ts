import { defineGroup } from '../group.js';
import { oneOf } from '../text-forms.js';
import { defaulted } from '../variable.js';

export const processGroup = defineGroup({
  variables: {
    NODE_ENV: defaulted(oneOf('development', 'test', 'production'), 'development'),
    LOG_LEVEL: defaulted(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info'),
  },
  build: (v) => ({ production: v.NODE_ENV === 'production', environment: v.NODE_ENV, logLevel: v.LOG_LEVEL }),
});
