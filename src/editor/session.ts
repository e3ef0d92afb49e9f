import { Emitter } from '../base/emitter';
import { Debounce } from '../base/throttle';
import type { DisplayGraph } from '../drawing/displayGraph';
import type { Diagnostic } from '../language/diagnostic';
import { mergeFindings } from '../language/mergeFindings';
import { Source, type Span } from '../language/source';
import { analyzeText } from '../language/text';
import type { Engine } from '../worker/engineClient';
import { EngineError, isCancelled } from '../worker/engineError';
import type { Analysis, RunRequest, StateChoice } from '../worker/protocol';
import { LiveValues } from './liveValues';
import { shiftSpan, type TextEdit } from './shift';

/** One version of a model's text, as the editor has it. */
export interface ModelText {
  readonly uri: string;
  readonly version: number;
  readonly path: string;
  readonly text: string;
}

export interface Policy {
  readonly live: 'on' | 'shapes' | 'off';
  readonly trusted: boolean;
  /** Bytes; half of the machine's when absent. */
  readonly memoryLimit?: number;
  /** What is to run trainings; absent: chosen by the work of a step. */
  readonly executor?: RunRequest['executor'];
}

export type TextAnalysis = ReturnType<typeof analyzeText>;

/** What a session tells: the text was parsed, the engine answered, has drawn its answer, or other values are shown. */
export type SessionChange = 'text' | 'analysis' | 'picture' | 'values';

/** An evaluation that takes longer is not repeated at every edit. */
const slowEvaluation = 2_000;
const quietTime = 15;

interface Flight {
  readonly version: number;
  readonly values: boolean;
  readonly started: number;
  readonly abort: AbortController;
  readonly answer: Promise<Analysis>;
}

/**
 * What is known of one open model: its syntax and names at once, and what the engine says about the same version
 * a little later. The editor's features read it and never ask the engine themselves.
 */
export class Session {
  private document: ModelText;
  private parsed: { readonly source: Source; readonly text: TextAnalysis };
  private latest: Analysis | undefined;
  /** The analysis whose picture was asked for, and the picture once it is there. */
  private drawn: { readonly analysis: Analysis; readonly picture?: DisplayGraph } | undefined;
  /** Edits since the text that `latest` is about. */
  private edits: TextEdit[] = [];
  private flight: Flight | undefined;
  private failed: string | undefined;
  private slow = false;
  private closed = false;
  private readonly changes = new Emitter<SessionChange>();
  private readonly quiet = new Debounce(quietTime, () => this.parse());

  readonly onDidChange = this.changes.listen;
  readonly values: LiveValues;

  constructor(
    private readonly engine: Engine,
    first: ModelText,
    private policy: Policy,
  ) {
    this.document = first;
    this.parsed = parse(first);
    this.values = new LiveValues(engine, this, () => this.changes.fire('values'));
    queueMicrotask(() => this.parse()); // whoever made the session listens first
  }

  get uri(): string {
    return this.document.uri;
  }
  get path(): string {
    return this.document.path;
  }
  /** Of the text in the editor; what is parsed may be a moment older. */
  get version(): number {
    return this.document.version;
  }
  get source(): Source {
    return this.parsed.source;
  }
  get text(): TextAnalysis {
    return this.parsed.text;
  }
  /** The engine's latest answer; possibly about an earlier text, see `isCurrent` and `place`. */
  get analysis(): Analysis | undefined {
    return this.latest;
  }
  get isCurrent(): boolean {
    return this.latest?.version === this.document.version;
  }
  get isBusy(): boolean {
    return this.flight !== undefined;
  }
  get isTrusted(): boolean {
    return this.policy.trusted;
  }
  /** Why the engine could not answer, in one sentence. */
  get failure(): string | undefined {
    return this.failed;
  }
  /** Live values wait until they are asked for, because the last evaluation was slow. */
  get isPaused(): boolean {
    return this.slow && this.policy.live === 'on';
  }

  /** Findings of both sides, those of the engine moved along with the edits since. */
  get diagnostics(): readonly Diagnostic[] {
    const { diagnostics } = this.parsed.text;
    const { diagnostics: lowered = [], unexplained = [] } = this.latest ?? {};
    const isFaulty = diagnostics.some(({ severity }) => severity === 'error');
    const engine = (isFaulty ? lowered : [...lowered, ...unexplained]).flatMap(diagnostic => {
      if (this.isCurrent) return [diagnostic];
      const span = this.place(diagnostic.span);
      // a fix would write at offsets of the old text
      return span ? [{ ...diagnostic, span, fixes: [], related: [] }] : [];
    });
    return mergeFindings(diagnostics, engine);
  }

  /** Where a span of the analysis lies in the text of now; nothing when it has been edited. */
  place(span: Span): Span | undefined {
    return shiftSpan(span, this.edits);
  }

  /** What is drawn of the analysis: it follows that while somebody looks. */
  get picture(): DisplayGraph | undefined {
    return this.drawn?.analysis === this.latest ? this.drawn?.picture : undefined;
  }

  /** Somebody looks: asks for the picture that is missing. */
  draw(): void {
    const { latest: analysis, uri } = this;
    if (!analysis || this.closed || this.drawn?.analysis === analysis) return;
    this.drawn = { analysis };
    this.engine.call({ kind: 'picture', uri, version: analysis.version }).then(
      picture => {
        if (this.closed || this.latest !== analysis) return;
        this.drawn = { analysis, picture };
        this.changes.fire('picture');
      },
      () => {
        if (this.drawn?.analysis === analysis) this.drawn = undefined; // the next analysis asks again
      },
    );
  }

  edit(document: ModelText, edits: readonly TextEdit[]): void {
    this.document = document;
    this.edits.push(...edits);
    this.quiet.trigger();
  }

  /** Reads at once what was waiting for a quiet moment. */
  catchUp(): void {
    this.quiet.flush();
  }

  /** What is to run its trainings. */
  get executor(): NonNullable<RunRequest['executor']> {
    return this.policy.executor ?? { backend: 'auto' };
  }

  configure(policy: Policy): void {
    const { live, trusted, memoryLimit } = this.policy;
    this.policy = policy;
    if (live === policy.live && trusted === policy.trusted && memoryLimit === policy.memoryLimit) return;
    this.slow = false;
    this.refresh();
  }

  /** Looks at the same text again: its data, the shown state or the settings have changed. */
  refresh(): void {
    this.quiet.flush();
    if (this.policy.live !== 'off' || this.latest) this.start(this.wantsValues).catch(() => {});
  }

  /** The shown state takes another path through the conditions of the same text, so that names and picture are others. */
  async lookAgain(): Promise<void> {
    if (!this.flight) this.start(true).catch(() => {});
    await this.flight?.answer;
  }

  /** What the engine says of the text as it is now. */
  async upToDate(): Promise<Analysis> {
    return this.settle(() => this.isCurrent && !this.flight);
  }

  /** One forward and backward pass, asked for by a person: done whatever the settings say. */
  async run(): Promise<Analysis> {
    this.quiet.flush();
    this.slow = false;
    const started = this.flight?.values ? this.flight : undefined;
    if (!started) this.start(true).catch(() => {});
    return this.settle(() => this.isCurrent && !this.flight);
  }

  /** Shows other parameters everywhere. */
  async show(state: StateChoice): Promise<void> {
    await this.engine.call({ kind: 'show', uri: this.uri, state });
    this.refresh();
  }

  /** Asks about the derivatives of another node; `null` goes back to the file's own objective. */
  async setObjective(node: number | null): Promise<void> {
    const { version } = await this.upToDate();
    await this.engine.call({ kind: 'objective', uri: this.uri, version, node });
    this.refresh();
    await this.upToDate();
  }

  close(): void {
    this.closed = true;
    this.flight?.abort.abort();
    this.flight = undefined;
    this.quiet.dispose();
    this.values.dispose();
    this.changes.dispose();
    this.engine.call({ kind: 'close', uri: this.uri }).catch(() => {});
  }

  private get wantsValues(): boolean {
    return this.policy.live === 'on' && this.policy.trusted && !this.slow;
  }

  private parse(): void {
    if (this.closed) return;
    // First, since the engine works on a thread of its own.
    const asked = this.flight?.version === this.document.version;
    if (this.policy.live === 'off') this.flight?.abort.abort();
    else if (!asked) this.start(this.wantsValues).catch(() => {});
    if (this.parsed.source.text !== this.document.text) this.parsed = parse(this.document);
    this.changes.fire('text');
  }

  /** Asks the engine about the text of now. A question about an older text is given up. */
  private start(values: boolean): Promise<Analysis> {
    const { trusted, memoryLimit } = this.policy;
    this.giveUp();
    const document = {
      ...this.document,
      trusted,
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
    };
    const abort = new AbortController();
    const answer = this.engine.call({ kind: 'analyze', document, values: values && trusted }, abort.signal);
    const flight = { version: document.version, values, started: Date.now(), abort, answer };
    this.flight = flight;
    answer.then(
      analysis => this.accept(flight, analysis),
      error => this.fail(flight, error),
    );
    return answer;
  }

  private giveUp(): void {
    if (!this.flight) return;
    if (this.flight.values && Date.now() - this.flight.started > slowEvaluation) this.slow = true;
    this.flight.abort.abort();
    this.flight = undefined;
  }

  private accept(flight: Flight, analysis: Analysis): void {
    if (flight !== this.flight) return;
    this.flight = undefined;
    if (flight.version !== this.document.version) return; // an edit came; its own question follows
    this.latest = analysis;
    this.edits = [];
    this.failed = undefined;
    if (flight.values) this.slow = analysis.milliseconds.evaluate > slowEvaluation;
    if (this.values.isWatched) this.draw();
    this.values.accept(analysis);
    this.changes.fire('analysis');
  }

  private fail(flight: Flight, error: unknown): void {
    if (flight !== this.flight) return;
    this.flight = undefined;
    if (isCancelled(error)) return;
    this.failed = error instanceof Error ? error.message : String(error);
    this.changes.fire('analysis');
  }

  /** Waits, through newer questions that replace older ones, until the engine has said what is asked. */
  private async settle(done: () => boolean): Promise<Analysis> {
    for (;;) {
      this.quiet.flush();
      if (this.latest && done()) return this.latest;
      if (this.closed) throw EngineError.cancelled();
      const flight = this.flight;
      const answer = flight?.answer ?? this.start(this.wantsValues);
      try {
        await answer;
      } catch (error) {
        const replaced = this.flight !== undefined && this.flight !== flight;
        if (!(isCancelled(error) && replaced)) throw error;
      }
    }
  }
}

function parse(document: ModelText): { source: Source; text: TextAnalysis } {
  const source = new Source(document.path, document.text);
  return { source, text: analyzeText(source) };
}
