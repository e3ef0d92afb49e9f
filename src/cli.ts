import { main } from './cli/main';
import { errand, runOnRoomyThread, tellStarter } from './cli/roomyThread';
import { type ExitStatus, NeedsRoom } from './cli/status';
import { processTerminal, terminalTraits } from './cli/terminal';

/** Starting a thread for every command would delay those of models without deep calls, which are nearly all. */
async function run(args: readonly string[]): Promise<ExitStatus> {
  const traits = terminalTraits();
  try {
    return await main(args, processTerminal(traits));
  } catch (error) {
    if (!(error instanceof NeedsRoom)) throw error;
    return runOnRoomyThread(__filename, args, traits);
  }
}

if (errand) {
  void main(errand.args, processTerminal(errand.terminal)).then(status =>
    tellStarter({ kind: 'ended', status }),
  );
} else {
  void run(process.argv.slice(2)).then(status => {
    // Not `exit`, which would cut off what a pipe has not taken yet.
    process.exitCode = status;
  });
}
