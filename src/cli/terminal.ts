import { type Style, styleFor } from './style';

/** Where a command writes. Commands know nothing else of the process, save for interrupts. */
export interface Terminal {
  /** Standard output: results. */
  readonly out: (text: string) => void;
  /** Standard error: diagnostics, progress, failures. */
  readonly err: (text: string) => void;
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** Whether a person watches standard error, so that progress may be drawn and redrawn. */
  readonly live: boolean;
  /** Characters a line has, for tables. */
  readonly columns: number;
}

const DEFAULT_COLUMNS = 120;

/** What is known of the process's terminal; only the main thread can see it. */
export interface TerminalTraits extends Pick<Terminal, 'live' | 'columns'> {
  readonly outColoured: boolean;
  readonly errColoured: boolean;
}

export function terminalTraits(): TerminalTraits {
  const { stdout, stderr, env } = process;
  const coloured = (stream: { readonly isTTY?: boolean }): boolean =>
    stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return {
    outColoured: coloured(stdout),
    errColoured: coloured(stderr),
    live: stderr.isTTY === true && env.TERM !== 'dumb',
    columns: stdout.isTTY ? stdout.columns : DEFAULT_COLUMNS,
  };
}

export function processTerminal({ outColoured, errColoured, live, columns }: TerminalTraits): Terminal {
  const { stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on('error', leaveQuietly);
  return {
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    outStyle: styleFor(outColoured),
    errStyle: styleFor(errColoured),
    live,
    columns,
  };
}

/** `nabla run model.nabla | head` closes the pipe early, which is no mistake. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
