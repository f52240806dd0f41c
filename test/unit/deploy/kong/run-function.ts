import { readFileSync } from 'node:fs';
import { Lua } from 'wasmoon-lua5.1';

export type Headers = readonly (readonly [name: string, value: string])[];

export interface FunctionRun {
  readonly headers: Headers;
  /** Seconds since 1970. */
  readonly now: number;
  /** What the jwt plugin leaves for the functions after it. */
  readonly verifiedToken?: string;
}

export interface FunctionResult {
  readonly headers: Headers;
  /** Set when the function ended the request. */
  readonly exit?: { readonly status: number; readonly code: string; readonly type: string };
}

const SANDBOX = readFileSync(new URL('./kong-sandbox.lua', import.meta.url), 'utf8');

/**
 * Runs a serverless function of Kong in Lua 5.1, the language LuaJIT implements.
 *
 * @throws when the function does: Kong would answer 500.
 */
export async function runFunction(code: string, { headers, now, verifiedToken }: FunctionRun): Promise<FunctionResult> {
  const lua = await Lua.create();
  try {
    lua.ctx['decode_json'] = (hex: string) => jsonToLua(fromHex(hex));
    lua.ctx['decode_base64'] = (hex: string) => base64ToLua(fromHex(hex).toString('latin1'));
    const list = headers.map(([name, value]) => `{${quoted(Buffer.from(name))},${quoted(Buffer.from(value))}}`);
    const shared = verifiedToken === undefined ? '' : `authenticated_jwt_token = ${quoted(Buffer.from(verifiedToken))}`;
    const globals = `HEADERS = {${list.join(',')}} SHARED = {${shared}} NOW = ${now} CODE = ${quoted(Buffer.from(code))}`;
    lua.doStringSync(globals);
    return parseResult(String(lua.doStringSync(SANDBOX)));
  } finally {
    lua.global.close();
  }
}

const fromHex = (hex: string) => Buffer.from(hex, 'hex');
const textOf = (hex: string | undefined) => fromHex(hex ?? '').toString();

function parseResult(text: string): FunctionResult {
  const [answer = '', list = ''] = text.split('\n');
  const headers = list
    .split(',')
    .filter((line) => line !== '')
    .map((line) => line.split('='))
    .map(([name, value]) => [textOf(name), textOf(value)] as const);
  const [status, code = '', type = ''] = answer.split(' ');
  return status ? { headers, exit: { status: Number(status), code, type } } : { headers };
}

const quoted = (bytes: Buffer) => `"${[...bytes].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;

/** As nginx decodes: padding may be missing, a foreign character or a lonely one may not be there. */
function base64ToLua(text: string): string {
  const [characters = ''] = text.split('=');
  const valid = /^[A-Za-z0-9+/]*$/.test(characters) && characters.length % 4 !== 1;
  return valid ? quoted(Buffer.from(characters, 'base64')) : 'nil';
}

/** As cjson.safe decodes: null is a value of its own, bad input is nil. */
function jsonToLua(bytes: Buffer): string {
  try {
    return literal(JSON.parse(bytes.toString()));
  } catch {
    return 'nil';
  }
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(Buffer.from(value));
  if (Array.isArray(value)) return `{${value.map(literal).join(',')}}`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `[${quoted(Buffer.from(key))}]=${literal(field)}`);
  return `{${fields.join(',')}}`;
}
