// A scanner sees packages of Debian, Alpine and npm, but not the Node binary of the base image: a runtime without security fixes
// passes every scan. This script fails when the images' major version has reached its end of life without a valid exception.
//
//   node .github/check-runtime.mjs [--today=YYYY-MM-DD] [--waiver=FILE]
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** Ends of life, https://github.com/nodejs/release#release-schedule */
const ENDS = { 20: '2026-04-30', 22: '2027-04-30', 24: '2028-04-30' };
const LONGEST_WAIVER_DAYS = 180;

const root = new URL('../', import.meta.url);
const { values } = parseArgs({ options: { today: { type: 'string' }, waiver: { type: 'string' } } });
const today = values.today ?? new Date().toISOString().slice(0, 10);
const days = (from, to) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

const folder = new URL('deploy/docker/', root);
const dockerfiles = readdirSync(folder).filter((name) => name.endsWith('Dockerfile'));
const images = dockerfiles.flatMap((name) => [
  ...readFileSync(new URL(name, folder), 'utf8').matchAll(/^FROM node:(\d+)\./gm),
]);
const majors = [...new Set(images.map(([, major]) => major))];
if (majors.length === 0) fail('no Dockerfile names a Node image');

for (const major of majors) {
  const end = ENDS[major];
  if (end === undefined) fail(`the end of life of Node ${major} is not known here: add it`);
  else if (today <= end) say(`Node ${major} is supported until ${end}`);
  else judgeWaiver(major, end);
}

function judgeWaiver(major, end) {
  const waiver = JSON.parse(readFileSync(values.waiver ?? new URL('.github/runtime-waiver.json', root), 'utf8'));
  const { decided, until, reason } = waiver;
  if (String(waiver.major) !== major) fail(`Node ${major} ended on ${end}, and the exception is for ${waiver.major}`);
  else if (!reason || !(days(decided, until) <= LONGEST_WAIVER_DAYS))
    fail(`the exception needs a reason and at most ${LONGEST_WAIVER_DAYS} days, from ${decided} to ${until}`);
  else if (today > until) fail(`Node ${major} ended on ${end}, and the exception ran out on ${until}`);
  else say(`Node ${major} ended on ${end}; excepted until ${until}: ${reason}`);
}

function say(line) {
  console.log(line);
}

function fail(line) {
  console.error(line);
  process.exitCode = 1;
}
