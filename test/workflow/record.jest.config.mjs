import config from '../../jest.config.mjs';

// `npm run record:histories`: runs the one file that is no test.
const workflow = config.projects.find(({ displayName }) => displayName === 'workflow');
export default { ...workflow, rootDir: '../..', testMatch: ['<rootDir>/test/workflow/record-histories.ts'] };
