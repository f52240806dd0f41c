import { mkdir, writeFile } from 'node:fs/promises';
import { createMessageSchemas } from '../contracts/rest/documents/message-schemas.js';
import { renderProblemsDocument } from '../contracts/rest/documents/problems-document.js';

// Writes the generated documents below docs/ of the working directory. A test fails if they do not match the contracts.
await mkdir('docs/schemas', { recursive: true });
await writeFile('docs/problems.md', renderProblemsDocument());
for (const [name, schema] of Object.entries(createMessageSchemas())) {
  await writeFile(`docs/schemas/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
}
