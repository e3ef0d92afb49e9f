import path from 'node:path';
import { evaluate } from '../../runtime/evaluate';
import { Divergence } from '../../training/divergence';
import { Run, type RunEvent } from '../../training/run';
import { RunFolder } from '../../training/runFolder';
import type { Command } from '../command';
import { diagnosticLine } from '../diagnostics';
import { readFeeds } from '../feeds';
import { describeFailure, reporting } from '../findings';
import { Interruption } from '../interruption';
import { type LoadedFile, loadFile } from '../load';
import type { Options } from '../options';
import { readParameters } from '../parameters';
import { evaluationOptions } from '../pass';
import { ProgressBar } from '../progressBar';
import { type ExitStatus, exitStatus, InputError } from '../status';
import type { Terminal } from '../terminal';
import { type Figures, JsonReport, TextReport, type TrainReport } from '../trainReport';

/** How long steps run before interrupts are listened to. */
const SLICE_MILLISECONDS = 20;

/** Trains the `train` blocks of a file, or its objective with the defaults. */
export const train: Command = {
  name: 'train',
  arguments: 'FILE',
  summary: 'trains the model, with a progress bar',
  options: {
    json: { help: 'one JSON object a step, an epoch, and at the end' },
    'params-json': { help: 'with --json: the parameters after each update too' },
    ...evaluationOptions,
    steps: { value: 'K', help: 'how many updates, in place of epochs and steps of the file' },
    'log-every': { value: 'K', help: 'every K-th step alone is printed' },
    out: { value: 'DIR', help: 'where parameters, events and a summary are written' },
    resume: { value: 'DIR', help: '', later: true },
    backend: { value: 'auto|js', help: 'what runs the steps' },
    threads: { value: 'T', help: '', later: true },
  },
  async run(options, terminal) {
    const file = options.file();
    options.oneOf('backend', ['auto', 'js']);
    const every = options.whole('log-every', 1);
    const steps = options.whole('steps', 1);
    const seed = options.whole('seed', 0);
    const loaded = await loadFile(file, terminal);
    if (!loaded) return exitStatus.wrong;
    return reporting(loaded, terminal, async () => {
      requireParameters(loaded);
      const feeds = await readFeeds(loaded.model, options.all('feed'));
      const stored = options.text('params');
      const parameters =
        stored === undefined ? undefined : await readParameters(loaded.model, stored, terminal);
      const run = new Run(loaded.model, loaded.tables, {
        evaluate,
        feeds,
        ...(seed === undefined ? {} : { seed }),
        ...(steps === undefined ? {} : { steps }),
        ...(parameters ? { parameters } : {}),
      });
      const bar = new ProgressBar(terminal);
      const report = options.flag('json')
        ? new JsonReport(loaded.model, every ?? 1, options.flag('params-json'), terminal)
        : new TextReport(every, terminal, () => bar.clear());
      const folder = await openFolder(options, loaded, run.training.seed);
      return new Training(loaded, run, report, bar, folder, terminal).toTheEnd();
    });
  },
};

function requireParameters({ model, source }: LoadedFile): void {
  if (model.trainings.length === 0) {
    throw new InputError(`${source.file}: there is nothing to train: the file has no scalar float node`);
  }
  if (model.parameters.length === 0) {
    throw new InputError(
      `${source.file}: there is no parameter to train; declare one with \`param\`, or use a layer`,
    );
  }
}

async function openFolder(
  options: Options,
  { source }: LoadedFile,
  seed: number,
): Promise<RunFolder | undefined> {
  const out = options.text('out');
  if (out === undefined) return undefined;
  const runId = path.basename(path.resolve(out));
  const folder = new RunFolder(out, source, runId, seed);
  try {
    await folder.begin();
  } catch (error) {
    throw new InputError(`--out ${out}: the folder cannot be written (${(error as Error).message})`);
  }
  return folder;
}

/** One training from the first step to however it ends. */
class Training {
  private readonly started = performance.now();
  private steps = 0;

  constructor(
    private readonly loaded: LoadedFile,
    private readonly run: Run,
    private readonly report: TrainReport,
    private readonly bar: ProgressBar,
    private readonly folder: RunFolder | undefined,
    private readonly terminal: Terminal,
  ) {}

  async toTheEnd(): Promise<ExitStatus> {
    const interruption = new Interruption();
    try {
      while (!interruption.requested) {
        const more = this.slice();
        this.report.flush();
        this.folder?.flush();
        if (!more) return await this.finish();
        // Signals are delivered between turns of the event loop.
        await new Promise(resolve => setImmediate(resolve));
      }
      return await this.interrupt();
    } catch (error) {
      return await this.fail(error);
    } finally {
      this.bar.clear();
      interruption.dispose();
    }
  }

  /** Some steps; false when all are done. */
  private slice(): boolean {
    const until = performance.now() + SLICE_MILLISECONDS;
    do {
      const event = this.run.next();
      if (!event) return false;
      this.record(event);
    } while (performance.now() < until);
    return true;
  }

  private record(event: RunEvent): void {
    const { run } = this;
    this.report.event(event, run);
    this.folder?.write(event);
    if (event.kind !== 'step') return;
    const { step, epoch, loss } = event;
    this.steps = step;
    const { totalSteps, learningRate } = run;
    this.bar.show({ step, totalSteps, epoch, loss, learningRate, seconds: this.seconds });
  }

  private async finish(): Promise<ExitStatus> {
    const figures: Figures = { steps: this.steps, seconds: this.seconds, ...this.run.finish() };
    this.bar.clear();
    this.report.done(figures, this.run);
    await this.close('finished', figures);
    return exitStatus.success;
  }

  private async interrupt(): Promise<ExitStatus> {
    this.bar.clear();
    await this.close('stopped', this.steps > 0 ? this.run.finish() : undefined);
    const kept = this.folder ? `; its parameters are in ${this.parametersFile}` : '';
    this.terminal.err(`nabla: interrupted after step ${this.steps}${kept}\n`);
    return exitStatus.interrupted;
  }

  private async fail(error: unknown): Promise<ExitStatus> {
    this.report.flush();
    const finding = describeFailure(error, this.loaded);
    if (!finding) throw error;
    this.bar.clear();
    await this.close('failed', undefined, finding.message);
    const kept = this.folder
      ? `the last good ones are in ${this.parametersFile}`
      : 'they are not kept, which --out DIR would do';
    const message = error instanceof Divergence ? `${finding.message} (${kept})` : finding.message;
    const { source } = this.loaded;
    this.terminal.err(`${diagnosticLine(source, { ...finding, message }, this.terminal.errStyle)}\n`);
    return exitStatus.wrong;
  }

  private async close(
    phase: 'finished' | 'stopped' | 'failed',
    figures: Pick<Figures, 'training' | 'validation'> | undefined,
    error?: string,
  ): Promise<void> {
    const validation = figures?.validation;
    const end = {
      phase,
      steps: this.steps,
      seconds: this.seconds,
      metrics: figures?.training.metrics ?? {},
      ...(figures ? { loss: figures.training.loss } : {}),
      ...(validation ? { validationLoss: validation.loss, validationMetrics: validation.metrics } : {}),
      ...(error === undefined ? {} : { error: { message: error } }),
    };
    await this.folder?.end(end, this.run.parameters(), this.loaded.model);
  }

  private get parametersFile(): string {
    return path.join(this.folder!.path, 'params.safetensors');
  }

  private get seconds(): number {
    return (performance.now() - this.started) / 1000;
  }
}
