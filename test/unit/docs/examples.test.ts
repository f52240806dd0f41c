import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../local/process/package-root.js';

const EXAMPLES = join(packageRoot(), 'docs', 'examples');

interface Known {
  readonly name: string;
  readonly keyBase64?: string;
  readonly keysHex?: readonly string[];
  readonly keysBase64?: readonly string[];
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly signature: string;
}
const { cases } = JSON.parse(readFileSync(join(packageRoot(), 'test/vectors/signing.json'), 'utf8')) as {
  cases: Known[];
};

interface Case {
  readonly name: string;
  readonly secret: string;
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
  readonly now: number;
  readonly valid: boolean;
}

const secretsOf = ({ keyBase64, keysHex = [], keysBase64 = [] }: Known) =>
  [keyBase64 ?? [], keysBase64, keysHex.map((key) => Buffer.from(key, 'hex').toString('base64'))]
    .flat()
    .map((key) => `whsec_${key}`);

/** Each known answer, and the changes that an attacker in between could make. */
const CASES: Case[] = cases.flatMap((known) =>
  secretsOf(known).flatMap((secret) => {
    const { id, timestamp, body, signature } = known;
    const good = { secret, id, timestamp: String(timestamp), body, signature, now: timestamp, valid: true };
    const bad = (name: string, change: Partial<Case>) => ({
      ...good,
      valid: false,
      name: `${known.name}, ${name}`,
      ...change,
    });
    return [
      { ...good, name: known.name },
      { ...good, name: `${known.name}, five minutes late`, now: timestamp + 300 },
      bad('another body', { body: `${body} ` }),
      bad('another id', { id: `${id}x` }),
      bad('another time', { timestamp: String(timestamp + 1) }),
      bad('another secret', { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` }),
      bad('too old', { now: timestamp + 301 }),
      bad('from the future', { now: timestamp - 301 }),
      bad('another version', { signature: signature.replaceAll('v1,', 'v1a,') }),
      bad('a shortened signature', { signature: signature.replaceAll('=', '').slice(0, 20) }),
      bad('no signature', { signature: '' }),
      bad('no time', { timestamp: '' }),
    ];
  }),
);

const DRIVERS = {
  node: `import { verify } from './verify.mjs'; import { readFileSync } from 'node:fs';
    const headers = (c) => ({ 'webhook-id': c.id, 'webhook-timestamp': c.timestamp, 'webhook-signature': c.signature });
    const all = JSON.parse(readFileSync(0, 'utf8'));
    console.log(JSON.stringify(all.map((c) => verify(c.secret, headers(c), Buffer.from(c.body), c.now))));`,
  python: `import json, sys
from verify import verify
names = ("id", "timestamp", "signature")
print(json.dumps([verify(c["secret"], {"webhook-" + n: c[n] for n in names}, c["body"].encode(), c["now"])
  for c in json.load(sys.stdin)]))`,
  go: `package main
import ("encoding/json"; "fmt"; "net/http"; "os"; "time"; "example/webhook")
func main() {
  var all []struct{ Secret, ID, Timestamp, Signature, Body string; Now int64 }
  if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil { panic(err) }
  results := []bool{}
  for _, c := range all {
    h := http.Header{}
    h.Set("webhook-id", c.ID); h.Set("webhook-timestamp", c.Timestamp); h.Set("webhook-signature", c.Signature)
    results = append(results, webhook.Verify(c.Secret, h, []byte(c.Body), time.Unix(c.Now, 0)))
  }
  out, _ := json.Marshal(results); fmt.Println(string(out))
}`,
};

interface Language {
  readonly language: string;
  readonly example: string;
  readonly command: readonly [string, ...string[]];
  readonly prepare: (folder: string) => void;
}
const LANGUAGES: Language[] = [
  {
    language: 'Node',
    example: 'verify.mjs',
    command: [process.execPath, 'driver.mjs'],
    prepare: (folder) => {
      copyFileSync(join(EXAMPLES, 'verify.mjs'), join(folder, 'verify.mjs'));
      writeFileSync(join(folder, 'driver.mjs'), DRIVERS.node);
    },
  },
  {
    language: 'Python',
    example: 'verify.py',
    command: ['python3', 'driver.py'],
    prepare: (folder) => {
      copyFileSync(join(EXAMPLES, 'verify.py'), join(folder, 'verify.py'));
      writeFileSync(join(folder, 'driver.py'), DRIVERS.python);
    },
  },
  {
    language: 'Go',
    example: 'verify.go',
    command: ['go', 'run', '.'],
    prepare: (folder) => {
      mkdirSync(join(folder, 'webhook'));
      copyFileSync(join(EXAMPLES, 'verify.go'), join(folder, 'webhook', 'verify.go'));
      writeFileSync(join(folder, 'go.mod'), 'module example\n\ngo 1.21\n');
      writeFileSync(join(folder, 'main.go'), DRIVERS.go);
    },
  },
];

const isHere = (command: string) =>
  spawnSync(command, [command === 'go' ? 'version' : '--version'], { stdio: 'ignore' }).status === 0;

/** The example's result for each case. */
function run({ command: [command, ...args], prepare }: Language): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'webhook-example-'));
  try {
    prepare(folder);
    const env = {
      ...process.env,
      GOFLAGS: '-mod=mod',
      GOPROXY: 'off',
      GOTOOLCHAIN: 'local',
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const options = { cwd: folder, env, input: JSON.stringify(CASES), encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(command, args, options);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(LANGUAGES)('the example in $language', (language) => {
  const [program] = language.command;
  const missing = isHere(program) ? '' : `: skipped, there is no ${program} here`;

  (missing ? test.skip : test)(`accepts every known answer and refuses what was tampered with${missing}`, () => {
    const verdicts = run(language) as unknown[];
    const named = (valid: readonly unknown[]) => CASES.map(({ name }, index) => [name, valid[index]]);
    expect(named(verdicts)).toEqual(named(CASES.map(({ valid }) => valid)));
  });

  test('stands in the guide as it is tested', () => {
    const guide = readFileSync(join(packageRoot(), 'docs', 'customer-guide.md'), 'utf8');
    expect(guide).toContain(readFileSync(join(EXAMPLES, language.example), 'utf8').trimEnd());
  });
});
