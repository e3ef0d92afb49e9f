import type { OptionSpecs, Options } from './options';
import type { ExitStatus } from './status';
import type { Terminal } from './terminal';

export interface Command {
  readonly name: string;
  /** What follows the name, without the options: `FILE`. */
  readonly arguments: string;
  /** One line of the list of commands. */
  readonly summary: string;
  readonly options: OptionSpecs;
  run(options: Options, terminal: Terminal): Promise<ExitStatus>;
}
