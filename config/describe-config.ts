/**
 * The configuration of a process as `group.key` and value, for the line that it logs at start. A loaded configuration holds
 * secrets as functions; they appear as "configured", and so does PEM text because of its length.
 */
export function describeConfig(config: object): Record<string, string | number | boolean> {
  const lines: Record<string, string | number | boolean> = {};
  const visit = (path: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, child] of Object.entries(value)) visit(path === '' ? key : `${path}.${key}`, child);
    } else lines[path] = formatValue(value);
  };
  visit('', config);
  return lines;
}

function formatValue(value: unknown): string | number | boolean {
  if (typeof value === 'function') return 'configured';
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.startsWith('-----BEGIN') ? 'configured' : value;
  return Array.isArray(value) ? value.map(formatElement).join(',') : 'configured';
}

/** Networks of OUTBOUND_ALLOW appear in the notation of the variable. */
function formatElement(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { address, prefix } = value as { address?: unknown; prefix?: unknown };
  return typeof address === 'string' && typeof prefix === 'number' ? `${address}/${prefix}` : 'configured';
}
