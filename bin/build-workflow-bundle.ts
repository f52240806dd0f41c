import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// At build time, so that starting a dispatcher compiles nothing, and so that a workflow that imports what it may not fails
// the build. The bundle belongs to exactly this version of the SDK.
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)),
  logger: { ...console, trace: () => undefined, debug: () => undefined, info: () => undefined, log: () => undefined },
});
await writeFile(new URL('../workflow-bundle.js', import.meta.url), code);
