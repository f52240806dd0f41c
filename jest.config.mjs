// Native ESM (node-fetch 3 is ESM only): Jest runs with --experimental-vm-modules, SWC only strips types.
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};

const project = (name, folder = name) => ({
  ...base,
  displayName: name,
  testMatch: [`<rootDir>/test/${folder}/**/*.test.ts`],
});

export default {
  projects: [project('unit'), project('workflow'), project('integration'), project('e2e')],
  testTimeout: 180_000,
  maxWorkers: 2,
};
