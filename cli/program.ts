import { Command, CommanderError } from 'commander';
import { addCommands, type CliDeps, type RunCommand } from './add-commands.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import { createOutput, type Sink } from './output.js';

export interface CommandLineHost {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const HELP = `
Connects to PostgreSQL, NATS and Temporal directly, with the environment variables of the services (.env.example). It uses
the permissions of the operator who runs it. It shows payloads only with --payload, and never shows secrets.

Exit codes: 0 done, 1 failed or the answer is no, 2 wrong usage, 3 partly done, 4 refused until confirmed, 78 configuration.`;

/** Runs one command line and resolves with its exit code. Errors are written to standard error. */
export async function runCommandLine(deps: CliDeps, args: readonly string[], host: CommandLineHost): Promise<number> {
  let chosen: RunCommand | undefined;
  const program = createProgram((run) => (chosen = run), host);
  try {
    await program.parseAsync([...args], { from: 'user' });
    const output = createOutput({ ...host, json: program.opts()['json'] === true });
    return (await chosen?.(deps, output)) ?? EXIT.usage;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    host.stderr.write(`webhookctl: ${error instanceof CommandError ? error.message : deps.describeError(error)}\n`);
    return error instanceof CommandError ? error.exitCode : EXIT.failed;
  }
}

function createProgram(choose: (run: RunCommand) => void, { stdout, stderr }: CommandLineHost): Command {
  const program = new Command('webhookctl')
    .description('Inspect and replay webhook deliveries.')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) });
  addCommands(program, choose);
  return program;
}
