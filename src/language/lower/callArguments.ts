import type { Span } from '../../base/span';
import { constantValue, type Dim } from '../../graph/dimension';
import type { Node } from '../../graph/node';
import type { CallProblem } from '../../library/call';
import type { Signature } from '../../library/signature';
import type { Builder } from '../../ops/builder';
import type { CallExpression, Expression } from '../ast';
import { modelError } from '../diagnostic';
import { type BoundArguments, parameterOf, requireWord, wordOf } from './arguments';
import type { Context } from './context';
import { lowerExpression } from './expressions';
import { isInitializer } from './initializers';
import { knownNumber, lowerDim } from './sizes';

/** The arguments of one call, each read at its own place in the text. */
export class CallArguments {
  private readonly lowered = new Map<string, Node>();

  constructor(
    protected readonly context: Context,
    protected readonly expression: CallExpression,
    private readonly signature: Signature,
    private readonly bound: BoundArguments,
  ) {}

  get b(): Builder {
    return this.context.builder;
  }

  get name(): string {
    return this.expression.callee.name;
  }

  /** Lowers the tensor arguments, so that they stand outside the group of the call. */
  prepare(): void {
    for (const { name, kind = 'value', variadic, choices = [] } of this.signature.parameters) {
      const expression = this.written(name);
      if (variadic) this.nodes();
      else if (!expression || choices.includes(wordOf(expression) ?? '')) continue;
      else if (kind === 'value') this.node(name);
      else if (kind === 'initializer' && !isInitializer(expression)) this.node(name);
    }
  }

  /** Operands with their nodes, for messages about the whole call. */
  operands(): (readonly [Expression, Node])[] {
    return [...this.lowered].flatMap(([name, node]) => {
      const expression = this.bound.byName.get(name);
      return expression ? [[expression, node] as const] : [];
    });
  }

  node(parameter: string): Node {
    return this.optionalNode(parameter) ?? this.fail('argument', `${this.name} needs ${parameter}`);
  }

  optionalNode(parameter: string): Node | undefined {
    const known = this.lowered.get(parameter);
    if (known) return known;
    const expression = this.written(parameter);
    if (!expression) {
      const value = this.defaultNumber(parameter);
      return value === undefined ? undefined : this.b.constant(value);
    }
    const node = lowerExpression(this.context, expression);
    this.lowered.set(parameter, node);
    return node;
  }

  nodes(): readonly Node[] {
    const { rest } = this.bound;
    const [only] = rest;
    if (rest.length === 1 && only!.kind === 'list' && (this.name === 'concat' || this.name === 'stack')) {
      throw modelError(
        'argument',
        only!.span,
        `${this.name} takes its tensors one by one: ${this.name}(a, b)`,
        {
          fixes: [{ title: 'Remove the brackets', span: only!.span, text: this.inner(only!.span) }],
        },
      );
    }
    return rest.map((expression, i) => {
      const key = `#${i}`;
      const node = this.lowered.get(key) ?? lowerExpression(this.context, expression);
      this.lowered.set(key, node);
      return node;
    });
  }

  given(parameter: string): boolean {
    return this.written(parameter) !== undefined;
  }

  number(parameter: string): number {
    return this.optionalNumber(parameter) ?? this.fail('argument', `${this.name} needs ${parameter}`);
  }

  optionalNumber(parameter: string): number | undefined {
    const expression = this.written(parameter);
    if (!expression) return this.defaultNumber(parameter);
    const value = knownNumber(this.context, expression);
    if (value !== undefined) return value;
    return this.fail('argument-value', `${parameter} is a number known before running`, parameter);
  }

  size(parameter: string): Dim {
    const expression = this.written(parameter);
    if (!expression) return this.fail('argument', `${this.name} needs ${parameter}`);
    const dim = lowerDim(this.context, expression);
    if ((constantValue(dim) ?? 1) <= 0) this.fail('argument-value', `${parameter} is at least 1`, parameter);
    return dim;
  }

  flag(parameter: string): boolean {
    const expression = this.written(parameter);
    const word = expression ? wordOf(expression) : parameterOf(this.signature, parameter).default;
    if (word === 'true' || word === 'false') return word === 'true';
    // A flag handed on by the function around.
    const known = expression?.kind === 'name' ? knownNumber(this.context, expression) : undefined;
    if (known === 0 || known === 1) return known === 1;
    return this.fail('argument-value', `${parameter} is true or false`, parameter);
  }

  word(parameter: string): string {
    const { kind, choices = [], default: otherwise } = parameterOf(this.signature, parameter);
    // `none` is a word like any other here.
    const expression = this.bound.byName.get(parameter);
    if (!expression) return otherwise ?? this.fail('argument', `${this.name} needs ${parameter}`);
    // Where a tensor may stand too, whatever is not one of the words is that tensor.
    if (kind !== 'word' && !choices.includes(wordOf(expression) ?? '')) return 'value';
    return requireWord(this.context, expression, choices);
  }

  axes(parameter: string, rank: number): readonly number[] | undefined {
    const expression = this.written(parameter);
    if (!expression) {
      const value = this.defaultNumber(parameter);
      return value === undefined ? undefined : [this.normalAxis(value, rank, parameter)];
    }
    const items = expression.kind === 'list' ? expression.items : [expression];
    if (items.length === 0)
      this.fail('rank', 'the list of axes is empty; leave it out to mean all', parameter);
    const axes = items.map(item => this.normalAxis(knownNumber(this.context, item), rank, parameter));
    if (new Set(axes).size < axes.length) this.fail('rank', 'an axis is named twice', parameter);
    return axes.sort((a, b) => a - b);
  }

  axis(parameter: string, rank: number): number {
    const axes = this.axes(parameter, rank);
    return axes?.length === 1 ? axes[0]! : this.fail('rank', `${this.name} takes one axis`, parameter);
  }

  shape(parameter: string): readonly (Dim | null)[] {
    return this.items(parameter).map(item => {
      const dim = lowerDim(this.context, item);
      const value = constantValue(dim);
      if (value === -1) return null;
      if (value !== undefined && value < 0) {
        throw modelError('argument-value', item.span, `a size is not negative, and this one is ${value}`);
      }
      return dim;
    });
  }

  wholes(parameter: string, count: number, least: number): readonly number[] {
    const expression = this.written(parameter);
    const values = this.list(parameter, expression);
    const single = values.length === 1 && expression?.kind !== 'list';
    const what = least === 0 ? 'whole numbers from 0' : `whole numbers from ${least}`;
    if (values.some(value => !Number.isInteger(value) || value < least)) {
      this.fail('argument-value', `${parameter} takes ${what}, not ${values.join(', ')}`, parameter);
    }
    if (!single && values.length !== count) {
      const form = count === 1 ? 'one number' : `one number or a list of ${count}`;
      this.fail('argument-value', `${parameter} is ${form}, not ${values.length}`, parameter);
    }
    return single ? new Array<number>(count).fill(values[0]!) : values;
  }

  pairs(parameter: string): readonly (readonly [Dim, Dim])[] {
    return this.items(parameter).map(item => {
      if (item.kind === 'list' && item.items.length === 2) {
        return [lowerDim(this.context, item.items[0]!), lowerDim(this.context, item.items[1]!)] as const;
      }
      throw modelError('argument-value', item.span, 'a pair [before, after] is needed for each axis');
    });
  }

  warn(code: CallProblem, message: string, parameter?: string): void {
    this.context.warn(
      code,
      this.spanOf(parameter),
      `\`${this.context.snippet(this.expression.span)}\`: ${message}`,
    );
  }

  fail(code: CallProblem, message: string, parameter?: string): never {
    const snippet = this.context.snippet(this.expression.span);
    throw modelError(code, this.spanOf(parameter), `\`${snippet}\`: ${message}`);
  }

  describe(parameter: string): string {
    const expression = this.bound.byName.get(parameter);
    const node = this.lowered.get(parameter);
    return expression && node ? this.context.describe(expression, node) : parameter;
  }

  /** The argument as written; `none` and `auto` count as left out. */
  protected written(parameter: string): Expression | undefined {
    const expression = this.bound.byName.get(parameter);
    const word = expression && wordOf(expression);
    if (expression?.kind === 'name' && this.context.meanings.get(expression.name)?.kind === 'none')
      return undefined;
    return word === 'none' || (word === 'auto' && !this.context.meanings.has(word)) ? undefined : expression;
  }

  private items(parameter: string): readonly Expression[] {
    const expression = this.written(parameter);
    if (!expression) return this.fail('argument', `${this.name} needs ${parameter}`);
    if (expression.kind === 'list') return expression.items;
    // A list handed on by the function around.
    const known =
      expression.kind === 'name' && this.context.constantOf(lowerExpression(this.context, expression));
    if (known && known.shape.length === 1) {
      return [...known.data].map(value => ({ kind: 'number', value, span: expression.span }));
    }
    return this.fail('argument-value', `${parameter} is a bracketed list, such as [2, 3]`, parameter);
  }

  /** A number known before running, or a list of them. */
  private list(parameter: string, expression: Expression | undefined): readonly number[] {
    if (!expression) return [this.number(parameter)];
    const known = this.context.constantOf(lowerExpression(this.context, expression));
    if (known && known.shape.length <= 1) return [...known.data];
    return this.fail('argument-value', `${parameter} is a number known before running`, parameter);
  }

  private defaultNumber(parameter: string): number | undefined {
    const text = this.signature.parameters.find(p => p.name === parameter)?.default;
    if (text === undefined || text.trim() === '') return undefined;
    const value = text === 'inf' ? Number.POSITIVE_INFINITY : Number(text);
    return Number.isNaN(value) ? undefined : value;
  }

  private normalAxis(axis: number | undefined, rank: number, parameter: string): number {
    if (axis === undefined || !Number.isInteger(axis)) {
      return this.fail('argument-value', `${parameter} is a whole number known before running`, parameter);
    }
    if (axis >= rank || axis < -rank) {
      const range = rank === 0 ? 'a scalar has no axes' : `the axes are 0 to ${rank - 1}`;
      const [first] = this.signature.parameters;
      return this.fail(
        'rank',
        `axis ${axis} does not exist: ${range}; ${this.describe(first!.name)}`,
        parameter,
      );
    }
    return axis < 0 ? axis + rank : axis;
  }

  private spanOf(parameter: string | undefined): Span {
    const expression = parameter === undefined ? undefined : this.bound.byName.get(parameter);
    return expression?.span ?? this.expression.span;
  }

  private inner(span: Span): string {
    return this.context.source.text.slice(span.start + 1, span.end - 1).trim();
  }
}
