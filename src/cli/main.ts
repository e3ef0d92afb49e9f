import { version } from '../../package.json';
import type { Command } from './command';
import { check } from './commands/check';
import { fmt } from './commands/fmt';
import { gradcheck } from './commands/gradcheck';
import { graph } from './commands/graph';
import { predict } from './commands/predict';
import { run } from './commands/run';
import { train } from './commands/train';
import { tune } from './commands/tune';
import { commandHelp, generalHelp } from './help';
import { meant, parseOptions } from './options';
import { type ExitStatus, exitStatus, InputError, NeedsRoom, UsageError } from './status';
import type { Terminal } from './terminal';

const commands: readonly Command[] = [check, run, train, tune, gradcheck, graph, predict, fmt];

/** Commands that the language of the command line has, and this version has not. */
const laterCommands: ReadonlySet<string> = new Set(['export']);

/** Runs one command line to its exit status. Throws `NeedsRoom` on the main thread, before anything is printed. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`nabla: ${error.message}\n`);
      return exitStatus.usage;
    }
    if (error instanceof InputError) {
      terminal.err(`nabla: ${error.message}\n`);
      return exitStatus.wrong;
    }
    if (error instanceof NeedsRoom) throw error;
    terminal.err(faultOf(error));
    return exitStatus.wrong;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const [name, ...rest] = args;
  if (name === undefined) {
    terminal.err(generalHelp(commands));
    return exitStatus.usage;
  }
  if (name === '--version' || name === 'version') {
    terminal.out(`${version}\n`);
    return exitStatus.success;
  }
  if (name === '--help' || name === '-h' || name === 'help') return help(rest[0], terminal);
  const command = commandNamed(name);
  if (rest.includes('--help') || rest.includes('-h')) return help(name, terminal);
  return command.run(parseOptions(command.name, command.options, rest), terminal);
}

function help(name: string | undefined, terminal: Terminal): ExitStatus {
  terminal.out(name === undefined ? generalHelp(commands) : commandHelp(commandNamed(name)));
  return exitStatus.success;
}

function commandNamed(name: string): Command {
  const command = commands.find(candidate => candidate.name === name);
  if (command) return command;
  if (laterCommands.has(name))
    throw new UsageError(`this version of nabla does not have \`nabla ${name}\` yet`);
  const known = commands.map(candidate => candidate.name);
  if (name.startsWith('-'))
    throw new UsageError(`nabla has no option ${name}; a command comes first: ${known.join(', ')}`);
  if (name.endsWith('.nabla')) throw new UsageError(`a command comes before the file: nabla run ${name}`);
  throw new UsageError(
    `there is no command \`${name}\`${meant(name, known)} (commands: ${known.join(', ')})`,
  );
}

/** What is nobody's mistake but the engine's. */
function faultOf(error: unknown): string {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const told = `nabla: a fault in nabla ${version} itself, please report it: ${message.split('\n')[0]}\n`;
  return process.env.NABLA_DEBUG === '1' ? `${told}${stack}\n` : told;
}
