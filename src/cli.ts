import { main } from './cli/main';
import { processTerminal } from './cli/terminal';

void main(process.argv.slice(2), processTerminal()).then(status => {
  // Not `exit`, which would cut off what a pipe has not taken yet.
  process.exitCode = status;
});
