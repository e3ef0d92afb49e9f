import type { Disposable } from '../base/disposable';
import type { NodeValues } from '../drawing/displayGraph';
import type { Engine } from '../worker/engineClient';
import type { Analysis, Inspection } from '../worker/protocol';
import { ShownValues } from './shownValues';

/** Values are asked for at most this often while a training moves them. */
const interval = 100;
/** Of the time that goes into values, at least this multiple is left to the training. */
const share = 4;

/** What the values belong to. */
interface Owner {
  readonly uri: string;
  readonly analysis: Analysis | undefined;
  readonly isCurrent: boolean;
  /** Asks for another analysis of the same text; settles when it is there. */
  lookAgain(): Promise<void>;
  /** Asks for the picture of the analysis where it is missing. */
  draw(): void;
}

/**
 * The values that are shown of one model. They are fetched only while somebody looks, one request at a time; a
 * training that moves the parameters only marks them as old.
 */
export class LiveValues implements Disposable {
  private latest: ShownValues | undefined;
  /** There is more to fetch than is here: the rest of the picture, or newer numbers. */
  private stale = true;
  /** The numbers that are here are old. */
  private outdated = false;
  private watchers = 0;
  private fetching: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private nextAllowed = 0;
  private disposed = false;

  constructor(
    private readonly engine: Engine,
    private readonly owner: Owner,
    private readonly changed: () => void,
  ) {}

  get shown(): ShownValues | undefined {
    return this.latest;
  }

  of(node: number): NodeValues | undefined {
    return this.latest?.of(node);
  }

  get isWatched(): boolean {
    return this.watchers > 0;
  }

  /** As long as the result lives, values of the whole picture are kept fresh. */
  watch(): Disposable {
    this.watchers++;
    this.owner.draw();
    this.schedule();
    let watching = true;
    return {
      dispose: () => {
        if (watching) this.watchers--;
        watching = false;
      },
    };
  }

  /** A new analysis brings the names' values along; the rest of the picture follows when somebody looks. */
  accept(analysis: Analysis): void {
    this.latest = analysis.evaluated ? ShownValues.ofAnalysis(analysis) : undefined;
    this.stale = true;
    this.outdated = false;
    this.nextAllowed = 0;
    this.schedule();
  }

  /** A training has changed its parameters: they may be those that are shown. */
  moved(runId: string): void {
    const state = this.latest?.state ?? this.owner.analysis?.state;
    if (state?.runId !== runId) return;
    this.stale = true;
    this.outdated = true;
    this.schedule();
  }

  /** Waits for the analysis along the path that the present values take: a training may have moved them. */
  async onPath(): Promise<void> {
    if (this.outdated && this.owner.analysis?.conditional === true) await this.fetch();
  }

  /** What there is to say of one node at the present moment, to somebody who asks once; undefined when that is nothing. */
  async inspect(node: number): Promise<Inspection | undefined> {
    const { analysis, uri } = this.owner;
    if (!analysis || !this.owner.isCurrent) return undefined;
    try {
      // Nothing runs for a hover where nothing is to run: in an untrusted folder, or with live values off.
      const { version, evaluated: values } = analysis;
      const found = await this.engine.call({ kind: 'inspect', uri, version, node, values });
      return this.owner.analysis === analysis ? found : undefined;
    } catch {
      return undefined; // what the analysis has brought is there to show
    }
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (!this.wanted || this.disposed || this.timer || this.fetching) return;
    const wait = Math.max(0, this.nextAllowed - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.fetch();
    }, wait);
  }

  /** A picture that values decide on is kept right even while nobody looks at them: hints and names hang on it. */
  private get wanted(): boolean {
    return this.watchers > 0 ? this.stale : this.outdated && this.owner.analysis?.conditional === true;
  }

  private fetch(): Promise<void> {
    this.fetching ??= this.request().finally(() => {
      this.fetching = undefined;
      this.schedule();
    });
    return this.fetching;
  }

  private async request(): Promise<void> {
    const { analysis, uri } = this.owner;
    this.stale = false;
    this.outdated = false;
    if (!analysis?.evaluated || !this.owner.isCurrent) return; // the next analysis asks again
    const started = Date.now();
    try {
      const shown = await this.engine.call({ kind: 'values', uri, version: analysis.version });
      if (this.disposed || this.owner.analysis !== analysis) return; // about an older text by now
      if (!shown) return await this.owner.lookAgain();
      this.latest = ShownValues.ofGraph(analysis.version, shown);
      this.changed();
    } catch {
      // the values on screen stay; an engine that fails is reported by its supervisor
    } finally {
      const now = Date.now();
      this.nextAllowed = now + Math.max(interval, share * (now - started));
    }
  }
}
