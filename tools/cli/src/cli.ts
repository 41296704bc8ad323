import { Command, CommanderError } from 'commander';
import { evidenceCommand } from './commands/evidence.js';
import { modelsCommand } from './commands/models.js';
import { sessionOpener } from './models/session.js';
import { CliError, EXIT } from './server/cli-error.js';
import { coloured, type Output, type Terminal } from './terminal/terminal.js';

export interface CliWorld {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly out: Output;
  readonly err: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Runs one command line. Never throws: what went wrong is told in a sentence, and by the exit code. */
export async function runCli(args: readonly string[], { env, out, err, signal }: CliWorld): Promise<number> {
  const program = new Command('trivium')
    .description('Administers a Trivium server')
    .option('--url <url>', 'the server; default: TRIVIUM_URL, or http://localhost:8080')
    .option('--json', 'answers as the server gives them')
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) })
    .exitOverride();
  const terminal = (): Terminal => ({ out, err, json: program.opts<{ json?: boolean }>().json === true });
  const open = sessionOpener(env, () => program.opts(), terminal, signal);
  program.addCommand(inherit(modelsCommand(open, terminal), program));
  program.addCommand(inherit(evidenceCommand(env, terminal), program));
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    return tell(error, terminal(), signal);
  }
}

/** Options of the program may stand anywhere; sub-commands end and write as it does. */
function inherit(command: Command, program: Command): Command {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inherit(child, program);
  return command;
}

function tell(error: unknown, terminal: Terminal, signal: AbortSignal): number {
  if (signal.aborted && !(error instanceof CliError)) return EXIT.interrupted;
  const message = error instanceof Error ? error.message : String(error);
  if (message !== '') terminal.err.write(`${coloured('red', message, terminal)}\n`);
  return error instanceof CliError ? error.exit : EXIT.failed;
}
