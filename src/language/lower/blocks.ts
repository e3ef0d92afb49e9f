import { constantValue, printDim } from '../../graph/dimension';
import type { Node } from '../../graph/node';
import { equalShapes, printShape } from '../../graph/shape';
import { expand } from '../../library/shapes';
import type { ForStatement, IfStatement, Statement, WhileStatement } from '../ast';
import { modelError } from '../diagnostic';
import { hasReturn } from '../walk';
import { elseLabel, lowerOutline, noteTaken, waysOf } from './branches';
import { decide, goesOn } from './conditions';
import type { Context } from './context';
import { lowerExpression } from './expressions';
import { lowerInstance } from './functions';
import { elementAt } from './indexing';
import type { Meaning } from './scope';
import { lowerDim } from './sizes';
import { lowerBind, lowerParam } from './statements';

/** A loop that does not end by itself is given up after so many turns. */
const MOST_TURNS = 10_000;

/** Statements of a body in order; the value returned, when one is. */
export function lowerBody(context: Context, statements: readonly Statement[]): Node | undefined {
  for (const statement of statements) {
    const returned = lowerInner(context, statement);
    if (returned) return returned;
  }
  return undefined;
}

/** A statement that may stand inside a block. */
export function lowerInner(context: Context, statement: Statement): Node | undefined {
  switch (statement.kind) {
    case 'bind':
      lowerBind(context, statement);
      return undefined;
    case 'param':
      lowerParam(context, statement);
      return undefined;
    case 'instance':
      lowerInstance(context, statement);
      return undefined;
    case 'return':
      return lowerExpression(context, statement.value);
    case 'for':
      return lowerFor(context, statement);
    case 'if':
      return lowerIf(context, statement);
    case 'while':
      return lowerWhile(context, statement);
    default:
      throw modelError('syntax', statement.span, `\`${statement.kind}\` cannot stand inside a block`);
  }
}

/** `for i in a..b`, unrolled, or `for v in x` over the first axis. */
export function lowerFor(context: Context, statement: ForStatement): Node | undefined {
  const { name, from, end, body, span } = statement;
  if (end) {
    const [start, stop] = [bound(context, from), bound(context, end)];
    const collecting = startCollecting(context, body);
    for (let i = start; i < stop; i++) {
      const turn = context.at(span, () => context.builder.constant(i, 'int'));
      const returned = lowerTurn(context, statement, `${name.name} = ${i}`, String(i), turn, body);
      if (returned) return returned;
    }
    finishCollecting(context, statement, collecting, start, stop);
    return undefined;
  }
  const x = lowerExpression(context, from);
  const [axis] = x.shape;
  if (!axis)
    throw modelError(
      'rank',
      from.span,
      `\`${context.snippet(from.span)}\` is a scalar; a loop needs an axis`,
    );
  const count = constantValue(axis);
  if (count === undefined) {
    const text = context.snippet(from.span);
    throw modelError(
      'shape-unknown',
      from.span,
      `the first axis of \`${text}\` is ${printDim(axis)}, which is not known before running; loop over another axis, ` +
        `as in \`for t in 0..T\` with \`${text}[:, t]\``,
    );
  }
  for (let i = 0; i < count; i++) {
    const value = context.at(span, () => elementAt(context.builder, x, i));
    const returned = lowerTurn(context, statement, `${name.name} = [${i}]`, String(i), value, body);
    if (returned) return returned;
  }
  return undefined;
}

function bound(context: Context, expression: ForStatement['from']): number {
  const value = constantValue(lowerDim(context, expression));
  if (value !== undefined) return value;
  const text = context.snippet(expression.span);
  throw modelError(
    'shape-unknown',
    expression.span,
    `\`${text}\` bounds a loop and is not known before running`,
  );
}

function lowerTurn(
  context: Context,
  { name, span }: ForStatement,
  label: string,
  turn: string,
  value: Node,
  body: readonly Statement[],
): Node | undefined {
  refuseGiant(context, span);
  context.meanings.set(name.name, { kind: 'node', node: value, line: context.line(name.span) });
  return inTurn(context, span, label, turn, () => lowerBody(context, body));
}

function inTurn<R>(context: Context, span: Statement['span'], label: string, turn: string, run: () => R): R {
  context.frame.turns.push(turn);
  try {
    return context.at(span, () => context.builder.inGroup('turn', label, run));
  } finally {
    context.frame.turns.pop();
  }
}

/** Names that `ys[t] = ...` collects directly in the loop's body. */
function startCollecting(context: Context, body: readonly Statement[]): Map<string, Map<number, Node>> {
  const collecting = new Map<string, Map<number, Node>>();
  const visit = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      if (statement.kind === 'bind' && statement.index && !collecting.has(statement.name.name)) {
        const items = new Map<number, Node>();
        collecting.set(statement.name.name, items);
        context.meanings.set(statement.name.name, { kind: 'collecting', items });
      }
      if (statement.kind === 'if') visit([...statement.body, ...(statement.otherwise ?? [])]);
    }
  };
  visit(body);
  return collecting;
}

/** The turns' values become one tensor along a new first axis. */
function finishCollecting(
  context: Context,
  { span }: ForStatement,
  collecting: ReadonlyMap<string, Map<number, Node>>,
  start: number,
  stop: number,
): void {
  for (const [name, items] of collecting) {
    const parts: Node[] = [];
    for (let i = start; i < stop; i++) {
      const item = items.get(i);
      if (!item) throw modelError('index', span, `${name}[${i}] is not set in its turn of the loop`);
      parts.push(item);
    }
    const [first] = parts;
    if (!first) throw modelError('shape-unknown', span, `the loop makes no turn, so ${name} has no shape`);
    const odd = parts.find(part => !equalShapes(part.shape, first.shape));
    if (odd) throw modelError('shape-mismatch', span, `the turns of ${name} have different shapes`);
    const { builder: b } = context;
    const node = context.at(span, () =>
      b.inGroup('call', 'stack', () =>
        b.concat(
          parts.map(part => expand(b, part, 0)),
          0,
        ),
      ),
    );
    context.bindName(name, node, span);
  }
}

/** Only the branch taken is part of the values; a branch not taken is checked and owns its parameters all the same. */
export function lowerIf(context: Context, statement: IfStatement): Node | undefined {
  const { condition, body, otherwise = [] } = statement;
  const decision = decide(context, condition);
  const { holds } = decision;
  const [taken, other] = holds ? [body, otherwise] : [otherwise, body];
  if (decision.known) return lowerBody(context, taken);
  const before = context.meanings;
  const visible = new Map(before.names.map(name => [name, before.get(name)]));
  const [ifWay, elseWay] = waysOf(context.source, statement);
  const labelOf = (first: boolean): string => (first ? 'if' : elseLabel(context, statement));
  const said = (label: string, what: string): string => (context.isAside ? label : `${label}, ${what}`);
  const way = { condition, decision };
  const elsewhere =
    other.length === 0
      ? before.snapshot()
      : lowerOutline(
          context,
          { ...way, label: said(labelOf(!holds), 'not taken'), span: holds ? elseWay : ifWay },
          () => lowerBody(context, other),
        );
  const span = holds ? ifWay : elseWay;
  if (taken.length > 0) noteTaken(context, { ...way, span });
  const returned = context.at(statement.span, () =>
    context.builder.inGroup('branch', said(holds ? 'if' : 'else', 'taken'), () => lowerBody(context, taken)),
  );
  for (const name of before.names) {
    if (visible.has(name)) continue;
    const after = afterBranches(name, before.get(name), elsewhere.get(name), context.line(statement.span));
    if (after) before.set(name, after);
    else before.delete(name);
  }
  return returned;
}

/** A name first bound inside is seen afterwards when both ways bind it, and of use with one shape and dtype. */
function afterBranches(
  name: string,
  taken: Meaning | undefined,
  other: Meaning | undefined,
  line: number,
): Meaning | undefined {
  if (taken?.kind !== 'node' || other?.kind !== 'node') return undefined;
  const [a, b] = [taken.node, other.node];
  if (a.dtype === b.dtype && equalShapes(a.shape, b.shape)) return taken;
  const [one, two] = [a, b].map(({ dtype, shape }) => `${dtype} ${printShape(shape)}`);
  const message = `${name} is ${one} on one path of the \`if\` on line ${line} and ${two} on the other; give it one shape and dtype`;
  return { kind: 'differing', message };
}

/** Turns until the condition is false. What a loop without turns would do is checked and drawn in outline. */
export function lowerWhile(context: Context, { condition, body, span }: WhileStatement): Node | undefined {
  for (let turn = 0; ; turn++) {
    if (turn > MOST_TURNS) {
      throw modelError('argument', span, `the loop has not ended after ${MOST_TURNS} turns`);
    }
    refuseGiant(context, span);
    const decision = decide(context, condition, 'while');
    if (turn === 0 && !decision.known) {
      const way = { condition, decision, span };
      if (decision.holds) noteTaken(context, way);
      else {
        const label = context.isAside ? 'while' : 'while, 0 turns';
        lowerOutline(context, { ...way, label }, () => lowerWhileTurn(context, span, body, 0));
      }
    }
    if (!decision.holds) return undefined;
    const { met } = context;
    const returned = lowerWhileTurn(context, span, body, turn);
    if (returned) return returned;
    const mayReturn = decision.known && hasReturn(body) && context.met > met;
    if (mayReturn && !goesOn(context, span)) return undefined;
  }
}

function lowerWhileTurn(
  context: Context,
  span: Statement['span'],
  body: readonly Statement[],
  turn: number,
): Node | undefined {
  const { unshared } = context;
  const returned = inTurn(context, span, `turn ${turn + 1}`, String(turn), () => lowerBody(context, body));
  if (!returned && context.unshared > unshared) {
    throw modelError(
      'argument',
      span,
      'a layer inside `while` would own new parameters every turn; make it above with `layer NAME = ...`',
    );
  }
  return returned;
}

/** Nodes of one graph at most. */
const MOST_NODES = 200_000;

function refuseGiant(context: Context, span: Statement['span']): void {
  if (context.builder.graph.nodes.length <= MOST_NODES) return;
  throw modelError('memory', span, `the unrolled loop makes more than ${MOST_NODES} nodes`);
}
