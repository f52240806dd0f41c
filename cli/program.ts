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
Works on PostgreSQL, NATS and Temporal themselves, with the variables of the services (.env.example) and the rights of
whoever runs it: an operator's tool. Payloads are shown with --payload only, secrets never.

Exit codes: 0 done, 1 failed or the answer is no, 2 wrong usage, 3 partly done, 4 refused until confirmed, 78 configuration.`;

/** Runs one command line. Resolves with its exit code; whatever was thrown has been told. */
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
    .description('What happened to an event, and sending it again.')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) });
  addCommands(program, choose);
  return program;
}
