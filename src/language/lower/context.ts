import type { Span } from '../../base/span';
import type { Schema } from '../../data/table';
import type { Evaluate } from '../../graph/evaluate';
import { Graph } from '../../graph/graph';
import type { Node } from '../../graph/node';
import type { Sizes, Tensor } from '../../graph/types';
import { signature } from '../../library/signatures';
import { Builder } from '../../ops/builder';
import { OpError } from '../../ops/definition';
import type { Expression } from '../ast';
import { type Diagnostic, type DiagnosticCode, ModelError, modelError } from '../diagnostic';
import type { Batch, Mode, ModelBuffer, ModelInput, ModelParameter, ModelTable, NamedValue } from '../model';
import type { Source } from '../source';
import type { Branch } from './branches';
import type { PathCondition } from './conditions';
import { Constants } from './constants';
import type { UserFunction } from './functions';
import type { ImportedFile } from './imports';
import type { LayerNames } from './layers';
import { Frame, Scope } from './scope';
import type { UserOptimizer } from './userOptimizer';

/** Gives up on a statement for a reason that has been reported already, by the parser or at another statement. */
export class Skip extends Error {
  constructor(
    /** What to say when, against expectation, nothing has been reported. */
    readonly fallback: Diagnostic,
  ) {
    super(fallback.message);
    this.name = 'Skip';
  }
}

/** What lowering needs from outside. */
export interface LowerOptions {
  /** The columns of a `data` statement by name; absent when the data cannot be read now. */
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly evaluate: Evaluate;
  /** What layers do whose argument `training` is `auto`; `train` unless told. */
  readonly mode?: Mode;
  /** Outcomes of the conditions on values, in the order they are met; see `decide`. */
  readonly path?: readonly boolean[];
  /** What `import` makes available. */
  readonly imported?: readonly ImportedFile[];
  /** Told when calls go so deep that a small stack may not hold them; what it throws ends lowering. */
  readonly onDeepCalls?: () => void;
}

/** The state of lowering one file. */
export class Context {
  readonly builder = new Builder(new Graph());
  readonly diagnostics: Diagnostic[] = [];
  /** Top-level names. */
  readonly top = new Scope();
  /** Names visible where lowering is now. */
  meanings: Scope = this.top;
  /** How parameters are named where lowering is now. */
  frame = new Frame('');
  readonly functions = new Map<string, UserFunction>();
  readonly optimizers = new Map<string, UserOptimizer>();
  /** The calls that lowering is inside of, from the outermost. */
  readonly callers: UserFunction[] = [];
  /** Conditions on values, in the order they were met. */
  readonly conditions: PathCondition[] = [];
  /** How many there were, with those in branches that are not taken. */
  met = 0;
  /** The ways that conditions on values lead and do not lead. */
  readonly branches: Branch[] = [];
  /** Whether lowering is in a branch that is not taken. */
  isAside = false;
  /** Whether calls of one layer instance share parameters by their paths. */
  private sharing = false;
  /** Where nodes of an imported body are said to stand. */
  private elsewhere: Span | undefined;
  readonly names: NamedValue[] = [];
  private readonly namedNodes = new Set<Node>();
  readonly tables: ModelTable[] = [];
  readonly inputs: ModelInput[] = [];
  readonly parameters: ModelParameter[] = [];
  /** How many of them no instance owns, so that a further turn of a loop makes them anew. */
  unshared = 0;
  readonly buffers: ModelBuffer[] = [];
  /** What layers give besides their values: by path, `h.c`, and by the value of the call. */
  readonly outputs = new Map<string, Node>();
  readonly outputsOf = new Map<Node, ReadonlyMap<string, Node>>();
  /** Paths of random masks. */
  readonly masks = new Set<string>();
  /** Whether some call has asked for the mode. */
  modal = false;
  /** Sizes of symbols, by name, as data settles them. */
  readonly sizes: Record<string, number> = {};
  private readonly constants: Constants;
  batch: Batch | undefined;
  /** Names the parameters of the layer calls in the statement being lowered. */
  layers: LayerNames | undefined;
  /** Where each symbol was settled, for messages. */
  readonly symbolLines = new Map<string, number>();
  readonly usedSymbols = new Set<string>();

  constructor(
    public source: Source,
    readonly options: LowerOptions,
  ) {
    this.constants = new Constants(options.evaluate);
  }

  get mode(): Mode {
    return this.options.mode ?? 'train';
  }

  /** Whether a call of this name owns parameters: a built-in layer or one of the file. */
  isLayer = (name: string): boolean => {
    const meaning = this.meanings.get(name);
    const called = meaning?.kind === 'function' ? meaning.name : name;
    const user = this.functions.get(called);
    return user ? user.statement.kind === 'layer' : signature(called)?.group === 'layer';
  };

  /** Makes a name stand for a node here; at top level it is one of the file's named values. */
  bindName(
    name: string,
    node: Node,
    span: Span,
    more: { layer?: string; statement?: Span; doc?: string } = {},
  ): void {
    this.bindNamed(name, node, 'node', span, more);
  }

  bindNamed(
    name: string,
    node: Node,
    kind: NamedValue['kind'],
    span: Span,
    { layer, statement = span, doc }: { layer?: string; statement?: Span; doc?: string },
  ): void {
    const line = this.line(span);
    this.namedNodes.add(node);
    this.meanings.set(name, { kind: 'node', node, line, ...(layer === undefined ? {} : { layer }) });
    if (this.callers.length > 0 || this.isAside) return;
    this.names.push({ name, kind, node, span, statement, ...(doc === undefined ? {} : { doc }) });
  }

  /** Whether a name stands for exactly this node already. */
  isNamed(node: Node): boolean {
    return this.namedNodes.has(node);
  }

  /** Runs `make` with other names in sight. */
  inScope<R>(scope: Scope, make: () => R): R {
    const before = this.meanings;
    this.meanings = scope;
    try {
      return make();
    } finally {
      this.meanings = before;
    }
  }

  /** Runs the body of a call: its own names, its own naming of parameters, one call deeper. */
  inBody<R>(scope: Scope, frame: Frame, user: UserFunction, make: () => R): R {
    const { frame: outer, layers } = this;
    this.frame = frame;
    this.callers.push(user);
    try {
      return this.inScope(scope, make);
    } finally {
      this.callers.pop();
      this.frame = outer;
      this.layers = layers;
    }
  }

  /** Runs `make` where calls share the parameters of paths that exist. */
  sharingParameters<R>(make: () => R): R {
    const { sharing, frame } = this;
    this.sharing = true;
    this.frame = frame.fertile();
    try {
      return make();
    } finally {
      this.sharing = sharing;
      this.frame = frame;
    }
  }

  get isSharing(): boolean {
    return this.sharing;
  }

  /** Whether lowering has met conditions whose outcomes nobody has found yet. */
  get isPathOpen(): boolean {
    return this.conditions.length > (this.options.path?.length ?? 0);
  }

  /** Runs a branch that is not taken: checked, with names of its own. */
  aside(scope: Scope, run: () => unknown): void {
    const before = this.isAside;
    this.isAside = true;
    try {
      this.inScope(scope, run);
    } finally {
      this.isAside = before;
    }
  }

  /** Runs `make` over another file's text; everything made stands at `call` in this one. */
  inSource<R>(source: Source, call: Span, make: () => R): R {
    const before = this.source;
    const outer = this.elsewhere;
    this.source = source;
    this.elsewhere = outer ?? call;
    try {
      return make();
    } finally {
      this.source = before;
      this.elsewhere = outer;
    }
  }

  /** Whether lowering is over another file's text. */
  get isAbroad(): boolean {
    return this.elsewhere !== undefined;
  }

  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  warn(code: DiagnosticCode, span: Span, message: string): void {
    this.report({ code, severity: 'warning', span: this.place(span), message });
  }

  /** Where something is said to stand: inside an imported body, at the call in this file. */
  place(span: Span): Span {
    return this.elsewhere ?? span;
  }

  line(span: Span): number {
    return this.source.line(span.start);
  }

  /** The source text of a span for messages: one line, not too long. */
  snippet(span: Span): string {
    const text = this.source.slice(span).replace(/\s+/g, ' ');
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
  }

  /** Lines where a name was bound to values before its present one. */
  earlierVersions(name: string, present: Node): number[] {
    return this.names
      .filter(named => named.name === name && named.node !== present)
      .map(named => this.line(named.span));
  }

  /** Gives the nodes made inside the place of `span`. */
  at<R>(span: Span, make: () => R): R {
    const { group, derivation } = this.builder.currentProvenance;
    const place = this.place(span);
    return this.builder.within(
      group ? { span: place, group, derivation } : { span: place, derivation },
      make,
    );
  }

  /**
   * Runs `make` and turns an `OpError` into a finding about `span` that names the operands, their shapes and the lines
   * these come from.
   */
  guard<R>(span: Span, operands: Operands | (() => Operands), make: () => R): R {
    try {
      return this.at(span, make);
    } catch (error) {
      if (!(error instanceof OpError)) throw error;
      const all = typeof operands === 'function' ? operands() : operands;
      const described = all.map(([expression, node]) => this.describe(expression, node));
      const what = described.length === 0 ? '' : ` ${joinOperands(described)}:`;
      throw modelError(error.code, span, `\`${this.snippet(span)}\`:${what} ${error.message}`);
    }
  }

  /** `x is [N, 4] (line 3)` */
  describe(expression: Expression, node: Node): string {
    const shape = `[${node.shape.map(dim => dim.key).join(', ')}]`;
    if (expression.kind !== 'name') return `\`${this.snippet(expression.span)}\` is ${shape}`;
    const meaning = this.meanings.get(expression.name);
    const line = meaning?.kind === 'node' ? ` (line ${meaning.line})` : '';
    return `${expression.name} is ${shape}${line}`;
  }

  /** Whether lowering may know the numbers of a node. */
  isClosed(node: Node): boolean {
    return this.constants.isClosed(node);
  }

  /** The numbers of a node that depends on constants alone; undefined for anything else. */
  constantOf(node: Node): Tensor | undefined {
    return this.constants.of(node, this.sizes as Sizes);
  }
}

/** Operands with their nodes, for messages. */
type Operands = readonly (readonly [Expression, Node])[];

function joinOperands(described: readonly string[]): string {
  if (described.length <= 1) return described.join('');
  return `${described.slice(0, -1).join(', ')} but ${described.at(-1)}`;
}

/** Runs one statement; a finding is reported and the statement given up, the rest of the file goes on. */
export function attempt(context: Context, span: Span, run: () => void): Skip | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof Skip) return error;
    // Deep recursion in the file is deep recursion here.
    const found =
      error instanceof RangeError
        ? modelError(
            'argument',
            span,
            'its calls go too deep; a recursion ends at values known before running',
          )
        : error;
    if (!(found instanceof ModelError)) throw error;
    context.report(found.diagnostic);
    return new Skip(found.diagnostic);
  }
  return undefined;
}
