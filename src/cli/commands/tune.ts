import { ModelError } from '../../language/diagnostic';
import { evaluate } from '../../runtime/evaluate';
import type { TuningEvent } from '../../training/tuning/events';
import { search } from '../../training/tuning/search';
import type { Command } from '../command';
import { diagnosticLine } from '../diagnostics';
import { executorOptions, readExecutor } from '../executor';
import { reporting } from '../findings';
import { Interruption } from '../interruption';
import { loadFile } from '../load';
import { ProgressBar } from '../progressBar';
import { type ExitStatus, exitStatus, InputError } from '../status';
import type { Terminal } from '../terminal';
import { JsonTuneReport, TextTuneReport, type TuneReport } from '../tuneReport';

/** How long steps run before interrupts are listened to. */
const SLICE_MILLISECONDS = 20;

/** Runs the `tune` block of a file. */
export const tune: Command = {
  name: 'tune',
  arguments: 'FILE',
  summary: 'tries the settings of the `tune` block by cross-validation',
  options: {
    json: { help: 'one JSON object a trial, a best one, and at the end' },
    ...executorOptions,
  },
  async run(options, terminal) {
    const file = options.file();
    const executor = readExecutor(options);
    const loaded = await loadFile(file, terminal);
    if (!loaded) return exitStatus.wrong;
    const { model, tables, source } = loaded;
    const { tuning } = model;
    if (!tuning) {
      throw new InputError(
        `${file}: there is no \`tune\` block; write one: tune { lr = log_uniform(1e-4, 1e-1) }`,
      );
    }
    const report = options.flag('json') ? new JsonTuneReport(terminal) : new TextTuneReport(terminal);
    return reporting(loaded, terminal, async () => {
      try {
        return await toTheEnd(search(tuning, tables, evaluate, executor), report, terminal);
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        terminal.err(`${diagnosticLine(source, error.diagnostic, terminal.errStyle)}\n`);
        return exitStatus.wrong;
      }
    });
  },
};

/** What is known by then is reported, whether the search ends, fails or is interrupted. */
async function toTheEnd(
  events: Iterator<TuningEvent, void>,
  report: TuneReport,
  terminal: Terminal,
): Promise<ExitStatus> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const interruption = new Interruption();
  const bar = new ProgressBar(terminal);
  let ended = false;
  try {
    while (!interruption.requested && !ended) {
      ended = slice(events, event => {
        if (event.kind === 'step') bar.share(event.progress, figuresOf(event), seconds());
        else report.event(event);
      });
      // Signals are delivered between turns of the event loop.
      await new Promise(resolve => setImmediate(resolve));
    }
  } finally {
    bar.clear();
    interruption.dispose();
    events.return?.();
    report.done(seconds(), ended);
  }
  if (ended) return exitStatus.success;
  terminal.err('nabla: interrupted before the search had ended\n');
  return exitStatus.interrupted;
}

/** Some steps; true when the search has ended. */
function slice(events: Iterator<TuningEvent, void>, take: (event: TuningEvent) => void): boolean {
  const until = performance.now() + SLICE_MILLISECONDS;
  do {
    const next = events.next();
    if (next.done) return true;
    take(next.value);
  } while (performance.now() < until);
  return false;
}

function figuresOf({ trial, fold }: TuningEvent & { kind: 'step' }): string[] {
  return fold === undefined ? ['test'] : [`trial ${trial}`, `fold ${fold}`];
}
