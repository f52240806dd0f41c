import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly spec?: unknown;
  readonly data?: Record<string, string>;
}

const root = new URL('../../../', import.meta.url);
const path = (relative: string) => fileURLToPath(new URL(relative, root));

/** What `kustomize build` makes of a folder of deploy/k8s. Go builds the pinned kustomize the first time, half a minute. */
export async function renderManifests(folder: string): Promise<Manifest[]> {
  const args = ['-C', path('tools/kustomize'), 'tool', 'kustomize', 'build', path(`deploy/k8s/${folder}`)];
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/go/bin` };
  const { stdout } = await promisify(execFile)('go', args, { env, timeout: 5 * 60_000 });
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}
