/** How the names of all run directories begin, so that a later run finds those left behind. */
export const runDirectoryPrefix = 'webhook-dispatcher-run-';
