import type { Environment } from './environment.js';
import { readFileSync } from 'node:fs';
import { ConfigError, type ConfigProblem } from './config-error.js';
import type { Group } from './group.js';
import { DEFAULT_NODE_ENV } from './groups/process.js';
import { findStartRefusals, type NodeRuntime } from './start-refusals.js';
import type { Variable } from './variable.js';

type Groups = Readonly<Record<string, Group<unknown>>>;
type Config<G extends Groups> = { readonly [Name in keyof G]: G[Name] extends Group<infer T> ? T : never };

/**
 * Reads every variable of the groups. `X_FILE` instead of `X` names a file with the value. An empty variable counts as
 * absent. Other variables are ignored, but production refuses some of them, and some settings of `runtime`.
 *
 * @throws ConfigError naming every wrong variable.
 */
export function loadGroups<G extends Groups>(env: Environment, groups: G, runtime: NodeRuntime = {}): Config<G> {
  const production = (isSet(env['NODE_ENV']) ? env['NODE_ENV'] : DEFAULT_NODE_ENV) === 'production';
  const problems: ConfigProblem[] = production ? findStartRefusals(env, runtime) : [];
  const built: Record<string, () => unknown> = {};
  for (const [name, group] of Object.entries(groups)) {
    const { values, wrong } = readVariables(env, group, production);
    problems.push(...wrong, ...group.rules(values, { production }));
    built[name] = () => group.build(values);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(Object.entries(built).map(([name, build]) => [name, build()])) as Config<G>;
}

const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';

function readVariables(env: Environment, group: Group<unknown>, production: boolean) {
  const values: Record<string, unknown> = {};
  const wrong: ConfigProblem[] = [];
  for (const [name, variable] of Object.entries(group.variables)) {
    const result = readVariable(env, name, variable);
    if ('problem' in result) wrong.push({ name, expected: variable.expected, ...result.problem });
    else values[name] = result.value;
    if (production && variable.notInProduction !== undefined && (isSet(env[name]) || isSet(env[`${name}_FILE`])))
      wrong.push({ name, wrong: variable.notInProduction, expected: 'it unset in production' });
  }
  return { values, wrong };
}

type Result = { value: unknown } | { problem: Partial<ConfigProblem> & { wrong: string } };

function readVariable(env: Environment, name: string, variable: Variable<unknown>): Result {
  const source = readText(env, name);
  if ('problem' in source) return source;
  const { text } = source;
  if (!isSet(text)) return variable.absent === 'refused' ? { problem: { wrong: 'is not set' } } : variable.absent;
  const parsed = variable.schema.safeParse(text);
  if (parsed.success) return { value: parsed.data };
  const custom = parsed.error.issues.find((issue) => issue.code === 'custom')?.message;
  return { problem: { wrong: custom ?? (variable.secret ? 'is set but not usable' : `is ${quote(text)}`) } };
}

const quote = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function readText(
  env: Environment,
  name: string,
): { text: string | undefined } | { problem: Partial<ConfigProblem> & { wrong: string } } {
  const file = env[`${name}_FILE`];
  if (!isSet(file)) return { text: env[name] };
  if (isSet(env[name])) return { problem: { wrong: `is set, and ${name}_FILE too`, expected: 'one of the two' } };
  try {
    return { text: readFileSync(file, 'utf8').trimEnd() };
  } catch (error) {
    const { code } = error as { code?: unknown };
    const because = typeof code === 'string' ? code : 'unreadable';
    return { problem: { name: `${name}_FILE`, wrong: `cannot be read (${because})`, expected: 'a readable file' } };
  }
}
