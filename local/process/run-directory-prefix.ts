/** Prefix of the names of all run directories, by which a later run finds directories that were left behind. */
export const runDirectoryPrefix = 'webhook-dispatcher-run-';
