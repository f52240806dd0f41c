/**
 * What a process runs with, one `group.key` a value, for the one line logged at start. Secrets are functions in a loaded
 * configuration and appear as "configured"; PEM text is as long as it is boring and appears the same way.
 */
export function describeConfig(config: object): Record<string, string | number | boolean> {
  const lines: Record<string, string | number | boolean> = {};
  const visit = (path: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, child] of Object.entries(value)) visit(path === '' ? key : `${path}.${key}`, child);
    } else lines[path] = shown(value);
  };
  visit('', config);
  return lines;
}

function shown(value: unknown): string | number | boolean {
  if (typeof value === 'function') return 'configured';
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.startsWith('-----BEGIN') ? 'configured' : value;
  return Array.isArray(value) ? value.map(element).join(',') : 'configured';
}

/** Networks of OUTBOUND_ALLOW read as they were written. */
function element(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { address, prefix } = value as { address?: unknown; prefix?: unknown };
  return typeof address === 'string' && typeof prefix === 'number' ? `${address}/${prefix}` : 'configured';
}
