import type { Span } from '../../base/span';
import type { Schema } from '../../data/table';
import type { Descent } from '../../graph/descent';
import type { Derivation, Group, Node, Provenance } from '../../graph/node';
import { equalShapes } from '../../graph/shape';
import { preprocessing } from '../../library/preprocessing';
import type { Expression, File, FunctionStatement, Statement } from '../ast';
import type { ModelParameter, NamedValue } from '../model';
import type { Source } from '../source';
import { eachChildExpression, eachStatement, eachStatementExpression } from '../walk';
import type { Context } from './context';
import { changedBy, type Edit, editBetween, moved } from './edit';
import { gradientForms } from './gradients';
import { type Bound, type Range, type Unit, unitOf } from './units';

/** How a version of a file was lowered, for the version after it. */
export interface Lowering {
  readonly source: Source;
  readonly file: File;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly context: Context;
  /** By where their expressions begin. */
  readonly units: ReadonlyMap<number, Unit>;
  /** By position of the statement. */
  readonly bound: readonly (Bound | undefined)[];
}

/**
 * Lowers the expressions of a file, and where an edit cannot have changed what one becomes, copies the nodes of the
 * version before: they have other operands and stand elsewhere in the text, and are the same otherwise. An
 * expression is lowered anew when it was edited, when it mentions something that has another shape now, or whose
 * number lowering may have looked at, and when it did more than add nodes and parameters.
 */
export class Replay {
  private readonly units = new Map<number, Unit>();
  private readonly bound: (Bound | undefined)[] = [];
  private readonly before: Before | undefined;
  private statement = 0;
  private isPlain = true;

  constructor(
    private readonly context: Context,
    private readonly source: Source,
    private readonly file: File,
    before: Lowering | undefined,
  ) {
    this.before = before && Before.of(before, context, source, file);
  }

  /** What this version leaves for the next one. */
  get lowering(): Lowering {
    const { source, file, context, units, bound } = this;
    return { source, file, schemas: context.options.schemas, context, units, bound };
  }

  get descent(): Descent | undefined {
    return this.before?.descent;
  }

  /** Runs the lowering of one statement of the file. `run` tells whether it came to an end. */
  lower(position: number, run: () => boolean): void {
    const { context } = this;
    this.statement = position;
    this.isPlain = true;
    const [names, parameters] = [context.names.length, context.parameters.length];
    if (!run()) {
      this.before?.giveUp();
      return;
    }
    const bound = {
      names: context.names.slice(names),
      parameters: { start: parameters, end: context.parameters.length },
      isPlain: this.isPlain,
    };
    this.bound[position] = bound;
    this.before?.settle(position, bound);
  }

  /** The node of an expression of the present statement, made by `make` where it cannot be copied. */
  value(expression: Expression, make: () => Node): Node {
    const copied = this.before?.copy(this.statement, expression);
    const [result, unit] = copied ? [copied.result, copied] : unitOf(this.context, expression, make);
    if (unit) this.units.set(expression.span.start, unit);
    else this.isPlain = false;
    return result;
  }
}

/** The version before, and how far this one has followed it. */
class Before {
  readonly descent: Descent;
  private readonly after: (Node | undefined)[];
  private readonly groups = new Map<Group, Group>();
  private readonly tainted: Tainted;
  /** Units of the version before by where their expressions begin now. */
  private readonly units = new Map<number, Unit>();
  private hasGivenUp = false;

  private constructor(
    private readonly lowering: Lowering,
    private readonly context: Context,
    private readonly edit: Edit,
    private readonly changed: ReadonlySet<number>,
    private readonly file: File,
  ) {
    const { nodes } = lowering.context.builder.graph;
    this.after = new Array<Node | undefined>(nodes.length).fill(undefined);
    this.descent = { before: nodes, after: this.after };
    this.tainted = new Tainted(file);
    for (const unit of lowering.units.values()) this.units.set(moved(unit.expression.span, edit).start, unit);
  }

  static of(lowering: Lowering, context: Context, source: Source, file: File): Before | undefined {
    const { schemas, imported = [], path = [] } = context.options;
    const isPlain = lowering.context.conditions.length === 0 && imported.length === 0 && path.length === 0;
    if (!isPlain || lowering.context.mode !== context.mode || !haveSame(schemas, lowering.schemas))
      return undefined;
    const edit = editBetween(lowering.source.text, source.text);
    const changed = changedBy(edit, lowering.file.statements, file.statements);
    return changed && new Before(lowering, context, edit, changed, file);
  }

  /** From here on everything is lowered anew. */
  giveUp(): void {
    this.hasGivenUp = true;
  }

  /** The nodes of an expression as copies; undefined where it has to be lowered. */
  copy(statement: number, expression: Expression): Unit | undefined {
    const unit = this.units.get(expression.span.start);
    if (this.hasGivenUp || !unit || this.changed.has(statement)) return undefined;
    const { layers, builder, parameters } = this.context;
    if (this.tainted.mentions(expression) || !isLike(unit.paths, layers?.all ?? [])) return undefined;
    if (!this.hasAllOperands(unit)) return undefined;

    const { graph } = builder;
    const nodes = { start: graph.nodes.length, end: graph.nodes.length + length(unit.nodes) };
    const groups = graph.reserveGroups(length(unit.groups));
    for (let id = unit.nodes.start; id < unit.nodes.end; id++) {
      const node = this.descent.before[id]!;
      const inputs = new Array<Node>(node.inputs.length);
      for (let i = 0; i < inputs.length; i++) inputs[i] = this.now(node.inputs[i]!);
      const provenance = this.provenance(node.provenance, groups - unit.groups.start);
      this.after[id] = graph.append(node.op, inputs, node.attributes, node, provenance);
    }
    const first = parameters.length;
    for (let i = unit.parameters.start; i < unit.parameters.end; i++) {
      const { path, node, sizes, initial, span } = this.lowering.context.parameters[i]!;
      parameters.push({
        path,
        node: this.now(node),
        sizes,
        initial: initial.kind === 'value' ? { kind: 'value', node: this.now(initial.node) } : initial,
        span: moved(span, this.edit),
      });
    }
    this.context.unshared += unit.unshared;
    if (layers) layers.last = unit.last;
    return {
      ...unit,
      expression,
      result: this.now(unit.result),
      nodes,
      groups: { start: groups, end: groups + length(unit.groups) },
      parameters: { start: first, end: parameters.length },
    };
  }

  /** After a statement: what it has bound stands for what it bound before, where others cannot tell the difference. */
  settle(position: number, { names, parameters, isPlain }: Bound): void {
    if (this.hasGivenUp) return;
    const before = this.lowering.bound[position];
    const isChanged = this.changed.has(position);
    const old = before
      ? this.lowering.context.parameters.slice(before.parameters.start, before.parameters.end)
      : [];
    const own = this.context.parameters.slice(parameters.start, parameters.end);
    const isLikeBefore =
      before !== undefined &&
      (!isChanged || (isPlain && before.isPlain)) &&
      isLike(before.names.map(nameOf), names.map(nameOf)) &&
      isLike(old.map(pathOf), own.map(pathOf)) &&
      old.every(({ node }, i) => haveOneType(node, own[i]!.node));
    if (!isLikeBefore) {
      this.giveUp();
      return;
    }
    old.forEach(({ node }, i) => {
      this.after[node.id] = own[i]!.node;
    });
    if (isChanged) for (const name of looksBehind) this.tainted.add(name);
    const mayDiffer = isChanged || this.tainted.mentionedIn(this.file.statements[position]!);
    before.names.forEach((named, i) => {
      const { name, node } = names[i]!;
      if (!haveOneType(named.node, node)) this.tainted.add(name);
      else {
        this.after[named.node.id] = node;
        // Lowering may have looked at its number.
        if (mayDiffer && (this.lowering.context.isClosed(named.node) || this.context.isClosed(node)))
          this.tainted.add(name);
      }
    });
  }

  private hasAllOperands({ nodes: { start, end }, result, parameters }: Unit): boolean {
    const isKnown = ({ id }: Node): boolean => (id >= start && id < end) || this.after[id] !== undefined;
    for (let id = start; id < end; id++) {
      const { inputs, provenance } = this.descent.before[id]!;
      const { derivation } = provenance;
      for (let i = 0; i < inputs.length; i++) if (!isKnown(inputs[i]!)) return false;
      if (derivation.kind !== 'source' && !isKnown(derivation.of)) return false;
    }
    const own = this.lowering.context.parameters.slice(parameters.start, parameters.end);
    return isKnown(result) && own.every(({ initial }) => initial.kind !== 'value' || isKnown(initial.node));
  }

  private now(node: Node): Node {
    return this.after[node.id]!;
  }

  /** `by` is how far the ids of groups have moved. What is the same is shared: there are thousands. */
  private provenance(old: Provenance, by: number): Provenance {
    const span = old.span && moved(old.span, this.edit);
    const group = old.group && this.group(old.group, by);
    const { derivation } = old;
    if (derivation.kind !== 'source') {
      return provenanceOf(span, group, { kind: derivation.kind, of: this.now(derivation.of) });
    }
    return span === old.span && group === old.group ? old : provenanceOf(span, group, derivation);
  }

  private group(old: Group, by: number): Group {
    let own = this.groups.get(old);
    if (!own) {
      const { kind, label } = old;
      const id = old.id + by;
      const span = moved(old.span, this.edit);
      const parent = old.parent && this.group(old.parent, by);
      const isSame = by === 0 && span === old.span && parent === old.parent;
      own = isSame ? old : parent ? { id, kind, label, span, parent } : { id, kind, label, span };
      this.groups.set(old, own);
    }
    return own;
  }
}

function provenanceOf(span: Span | undefined, group: Group | undefined, derivation: Derivation): Provenance {
  if (span) return group ? { span, group, derivation } : { span, derivation };
  return group ? { group, derivation } : { derivation };
}

/** Functions whose results hang on what lies behind their operands. */
const looksBehind = [...Object.keys(gradientForms), ...Object.keys(preprocessing)];

/** Names that may mean what lowering tells apart from what they meant before. */
class Tainted {
  private readonly names = new Set<string>();

  constructor(private readonly file: File) {}

  /** And of functions, layers and instances that mention it. */
  add(name: string): void {
    if (this.names.has(name)) return;
    this.names.add(name);
    for (const statement of this.file.statements) {
      if ((isFunction(statement) || statement.kind === 'instance') && this.mentionedIn(statement))
        this.add(statement.name.name);
    }
  }

  mentions(expression: Expression): boolean {
    if (this.names.size === 0) return false;
    if (expression.kind === 'name' && this.names.has(expression.name)) return true;
    if (expression.kind === 'call' && this.names.has(expression.callee.name)) return true;
    let found = false;
    eachChildExpression(expression, child => {
      found ||= this.mentions(child);
    });
    return found;
  }

  mentionedIn(statement: Statement): boolean {
    if (this.names.size === 0) return false;
    let found = false;
    const visit = (expression: Expression): void => {
      found ||= this.mentions(expression);
    };
    eachStatement([statement], each => {
      eachStatementExpression(each, visit);
      if (isFunction(each)) for (const formal of each.formals) if (formal.default) visit(formal.default);
    });
    return found;
  }
}

function isFunction(statement: Statement): statement is FunctionStatement {
  return statement.kind === 'fn' || statement.kind === 'layer';
}

const nameOf = ({ name }: NamedValue): string => name;
const pathOf = ({ path }: ModelParameter): string => path;

function haveOneType(a: Node, b: Node): boolean {
  return a.dtype === b.dtype && equalShapes(a.shape, b.shape);
}

function isLike(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function haveSame(a: ReadonlyMap<string, Schema>, b: ReadonlyMap<string, Schema>): boolean {
  return a.size === b.size && [...a].every(([name, schema]) => b.get(name) === schema);
}

function length({ start, end }: Range): number {
  return end - start;
}
