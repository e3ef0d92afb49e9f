import type { Span } from '../../base/span';
import type { Schema } from '../../data/table';
import type { Evaluate } from '../../graph/evaluate';
import { Graph } from '../../graph/graph';
import type { Node } from '../../graph/node';
import type { Sizes, Tensor } from '../../graph/types';
import { Builder } from '../../ops/builder';
import { OpError } from '../../ops/definition';
import type { Expression } from '../ast';
import { type Diagnostic, type DiagnosticCode, ModelError, modelError } from '../diagnostic';
import type { Batch, ModelInput, ModelParameter, ModelTable, NamedValue } from '../model';
import type { Source } from '../source';
import type { LayerNames } from './layers';

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

/** What a name stands for at one place of the file. */
export type Meaning =
  | { readonly kind: 'node'; readonly node: Node; readonly line: number; readonly layer?: string }
  | { readonly kind: 'table'; readonly table: ModelTable }
  /** A table that cannot be read now: the workspace is not trusted, or reading failed. */
  | { readonly kind: 'unread' }
  /** Bound by a statement that failed. */
  | { readonly kind: 'broken' };

/** What lowering needs from outside. */
export interface LowerOptions {
  /** The columns of a `data` statement by name; absent when the data cannot be read now. */
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly evaluate: Evaluate;
}

/** The state of lowering one file. */
export class Context {
  readonly builder = new Builder(new Graph());
  readonly diagnostics: Diagnostic[] = [];
  readonly meanings = new Map<string, Meaning>();
  readonly names: NamedValue[] = [];
  readonly tables: ModelTable[] = [];
  readonly inputs: ModelInput[] = [];
  readonly parameters: ModelParameter[] = [];
  /** Sizes of symbols, by name, as data settles them. */
  readonly sizes: Record<string, number> = {};
  batch: Batch | undefined;
  /** Names the parameters of the layer calls in the statement being lowered. */
  layers: LayerNames | undefined;
  /** Where each symbol was settled, for messages. */
  readonly symbolLines = new Map<string, number>();
  readonly usedSymbols = new Set<string>();

  constructor(
    readonly source: Source,
    readonly options: LowerOptions,
  ) {}

  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  warn(code: DiagnosticCode, span: Span, message: string): void {
    this.report({ code, severity: 'warning', span, message });
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
    return this.builder.within({ ...this.builder.currentProvenance, span }, make);
  }

  /**
   * Runs `make` and turns an `OpError` into a finding about `span` that names the operands, their shapes and the lines
   * these come from.
   */
  guard<R>(span: Span, operands: readonly (readonly [Expression, Node])[], make: () => R): R {
    try {
      return this.at(span, make);
    } catch (error) {
      if (!(error instanceof OpError)) throw error;
      const described = operands.map(([expression, node]) => this.describe(expression, node));
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

  /** The numbers of a node that depends on constants alone; undefined for anything else. */
  constantOf(node: Node): Tensor | undefined {
    if (node.op === 'constant') {
      const { data } = node.attributes as { data: readonly number[] };
      return {
        dtype: node.dtype,
        shape: node.shape.map(dim => Number(dim.key)),
        data: Float64Array.from(data),
      };
    }
    if (!dependsOnConstantsAlone(node)) return undefined;
    return this.options.evaluate([node], new Map(), this.sizes as Sizes)[0];
  }
}

const open = new Set(['input', 'parameter', 'data', 'rows', 'size', 'numeric_gradient']);
const constantNodes = new WeakMap<Node, boolean>();

function dependsOnConstantsAlone(node: Node): boolean {
  let known = constantNodes.get(node);
  if (known === undefined) {
    known = !open.has(node.op) && node.inputs.every(dependsOnConstantsAlone);
    constantNodes.set(node, known);
  }
  return known;
}

function joinOperands(described: readonly string[]): string {
  if (described.length <= 1) return described.join('');
  return `${described.slice(0, -1).join(', ')} but ${described.at(-1)}`;
}

/** Runs one statement; a finding is reported and the statement given up, the rest of the file goes on. */
export function attempt(context: Context, run: () => void): Skip | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof Skip) return error;
    if (error instanceof ModelError) {
      context.report(error.diagnostic);
      return new Skip(error.diagnostic);
    }
    throw error;
  }
  return undefined;
}
