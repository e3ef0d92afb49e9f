import path from 'node:path';
import { SafetensorsError } from '../../interop/safetensors';
import { evaluate } from '../../runtime/evaluate';
import { CheckpointMismatch } from '../../training/checkpoint';
import { CheckpointError, readCheckpoint, type SavedCheckpoint } from '../../training/checkpointFiles';
import { Divergence } from '../../training/divergence';
import { fingerprintWarnings } from '../../training/fingerprint';
import { Run, type RunEvent, type RunOptions } from '../../training/run';
import { RunFolder } from '../../training/runFolder';
import type { Command } from '../command';
import { diagnosticLine } from '../diagnostics';
import { executorOptions, readExecutor } from '../executor';
import { readFeeds } from '../feeds';
import { describeFailure, reporting } from '../findings';
import { withRowsOf } from '../freedRows';
import { Interruption } from '../interruption';
import { type LoadedFile, loadFile } from '../load';
import type { Options } from '../options';
import { readParameters } from '../parameters';
import { evaluationOptions } from '../pass';
import { ProgressBar } from '../progressBar';
import { type ExitStatus, exitStatus, InputError, UsageError } from '../status';
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
    resume: { value: 'DIR', help: 'goes on from the checkpoint in a folder that --out has written' },
    ...executorOptions,
  },
  async run(options, terminal) {
    const file = options.file();
    const executor = readExecutor(options);
    const every = options.whole('log-every', 1);
    const steps = options.whole('steps', 1);
    const seed = options.whole('seed', 0);
    const read = await loadFile(file, terminal);
    if (!read) return exitStatus.wrong;
    return reporting(read, terminal, async () => {
      requireParameters(read);
      const feeds = await readFeeds(read.model, options.all('feed'));
      const loaded = await withRowsOf(read, feeds);
      const stored = options.text('params');
      const parameters =
        stored === undefined ? undefined : await readParameters(loaded.model, stored, terminal);
      const resume = await readResume(options, seed);
      const run = makeRun(loaded, options, {
        evaluate,
        executor,
        feeds,
        ...(seed === undefined ? {} : { seed }),
        ...(steps === undefined ? {} : { steps }),
        ...(parameters ? { parameters } : {}),
        ...(resume ? { resume: resume.checkpoint } : {}),
      });
      if (resume) warnOfChanges(resume, run, loaded, options, terminal);
      const bar = new ProgressBar(terminal);
      const report = options.flag('json')
        ? new JsonReport(loaded.model, every ?? 1, options.flag('params-json'), terminal)
        : new TextReport(every, terminal, () => bar.clear());
      const folder = await openFolder(options, loaded, run);
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

async function readResume(options: Options, seed: number | undefined): Promise<SavedCheckpoint | undefined> {
  const folder = options.text('resume');
  if (folder === undefined) return undefined;
  if (options.text('params') !== undefined) {
    throw new UsageError('--resume and --params both say where to start: keep one');
  }
  try {
    const saved = await readCheckpoint(folder);
    const { seed: before } = saved.checkpoint.run;
    if (seed === undefined || seed === before) return saved;
    throw new InputError(`--resume ${folder}: the run has the seed ${before}, which --seed cannot change`);
  } catch (error) {
    const known = error instanceof CheckpointError || error instanceof SafetensorsError;
    throw known ? new InputError(`--resume ${folder}: ${error.message}`) : error;
  }
}

function makeRun({ model, tables }: LoadedFile, options: Options, settings: RunOptions): Run {
  try {
    return new Run(model, tables, settings);
  } catch (error) {
    if (!(error instanceof CheckpointMismatch)) throw error;
    throw new InputError(`--resume ${options.text('resume')}: ${error.message}`);
  }
}

function warnOfChanges(
  { fingerprint }: SavedCheckpoint,
  run: Run,
  { source }: LoadedFile,
  options: Options,
  { err, errStyle }: Terminal,
): void {
  for (const warning of fingerprintWarnings(fingerprint, run.fingerprint(source.text))) {
    err(`--resume ${options.text('resume')}: ${errStyle.yellow('warning')}: ${warning}\n`);
  }
}

async function openFolder(
  options: Options,
  { source }: LoadedFile,
  run: Run,
): Promise<RunFolder | undefined> {
  const out = options.text('out');
  if (out === undefined) return undefined;
  const runId = path.basename(path.resolve(out));
  const folder = new RunFolder(out, source, runId, run.training.seed);
  try {
    await folder.begin(run, options.text('resume'));
  } catch (error) {
    throw new InputError(`--out ${out}: the folder cannot be written (${(error as Error).message})`);
  }
  return folder;
}

/** One training from the first step to however it ends. */
class Training {
  private readonly started = performance.now();
  private steps: number;

  constructor(
    private readonly loaded: LoadedFile,
    private readonly run: Run,
    private readonly report: TrainReport,
    private readonly bar: ProgressBar,
    private readonly folder: RunFolder | undefined,
    private readonly terminal: Terminal,
  ) {
    this.steps = run.stepsDone;
  }

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
      this.run.dispose();
    }
  }

  /** Some steps; false when all are done. */
  private slice(): boolean {
    const until = performance.now() + SLICE_MILLISECONDS;
    do {
      const event = this.run.advance();
      if (!event) return false;
      if (event.kind === 'part') this.bar.within(event.share, this.run, this.seconds);
      else this.record(event);
    } while (performance.now() < until);
    return true;
  }

  private record(event: RunEvent): void {
    const { run } = this;
    this.report.event(event, run);
    this.folder?.write(event);
    this.folder?.afterEvent(event, run);
    if (event.kind !== 'step') return;
    const { step, epoch, loss, warning } = event;
    if (warning !== undefined) this.warn(warning);
    this.steps = step;
    const { totalSteps, learningRate } = run;
    this.bar.show({ step, totalSteps, epoch, loss, learningRate, seconds: this.seconds });
  }

  private warn(message: string): void {
    const { source } = this.loaded;
    const { span } = this.run.training;
    const finding = { code: 'train-config', severity: 'warning', span, message } as const;
    this.bar.clear();
    this.terminal.err(`${diagnosticLine(source, finding, this.terminal.errStyle)}\n`);
  }

  private async finish(): Promise<ExitStatus> {
    // Before early stopping puts the best parameters back, so that a longer run can go on from here.
    this.folder?.checkpoint(this.run);
    const figures: Figures = { steps: this.steps, seconds: this.seconds, ...this.run.finish() };
    this.bar.clear();
    this.report.done(figures, this.run);
    await this.close('finished', figures);
    return exitStatus.success;
  }

  private async interrupt(): Promise<ExitStatus> {
    this.bar.clear();
    this.folder?.checkpoint(this.run);
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
