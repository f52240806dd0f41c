import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// Bundles the workflows at build time, so that a dispatcher compiles nothing when it starts and a forbidden import of a workflow
// fails the build. The bundle works only with the version of the SDK that built it.
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)),
  logger: { ...console, trace: () => undefined, debug: () => undefined, info: () => undefined, log: () => undefined },
});
await writeFile(new URL('../workflow-bundle.js', import.meta.url), code);
