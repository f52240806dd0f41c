// Lints the messages of the commits that origin/main does not have. Without origin/main, or on main itself, the last commit
// alone. A shallow clone, a clone without a remote, a merge commit and a folder without git all pass.
//
//   node .ci/lint-commits.mjs
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const commitlint = fileURLToPath(new URL('../node_modules/@commitlint/cli/cli.js', import.meta.url));
const config = fileURLToPath(new URL('../commitlint.config.mjs', import.meta.url));

/** What git prints, or undefined where it refuses: no repository, no such commit, no common ancestor. */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Counted in the commit itself, because a shallow clone hides the parents that it does not have. */
const isMerge = (commit) => (git('cat-file', 'commit', commit)?.match(/^parent /gm) ?? []).length > 1;

/** The arguments that choose the commits, or undefined when there is no commit to lint. */
function chooseCommits() {
  const head = git('rev-parse', '--verify', '--quiet', 'HEAD');
  if (head === undefined) return undefined;
  const base = git('merge-base', 'origin/main', 'HEAD');
  if (base !== undefined && base !== head) return ['--from', base, '--to', head, '--git-log-args=--no-merges'];
  return isMerge(head) ? undefined : ['--last'];
}

const commits = chooseCommits();
if (commits === undefined) console.log('no commit to lint');
else {
  const args = [commitlint, '--config', config, '--strict', ...commits];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
