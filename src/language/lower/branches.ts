import type { Span } from '../../base/span';
import type { Group, Node } from '../../graph/node';
import type { Expression, IfStatement } from '../ast';
import type { Source } from '../source';
import type { Decision } from './conditions';
import type { Context } from './context';
import type { Scope } from './scope';

/** One way that a condition on values may lead, whether the values take it or not. */
export interface Branch {
  /** Where it is written, its keyword included; absent inside an imported file. */
  readonly span?: Span;
  readonly taken: boolean;
  /** The condition as it is written, and how it comes out. */
  readonly condition: string;
  readonly holds: boolean;
  /** What stands in a branch that is not taken, lowered to check it and to draw it in outline. */
  readonly outline?: Outline;
}

export interface Outline {
  readonly group: Group;
  /** Names that the branch would bind, and what it would return. */
  readonly names: readonly { readonly name?: string; readonly node: Node }[];
}

/** Characters of a condition in a label. */
const LONGEST_LABEL = 20;

interface Way {
  readonly label: string;
  readonly span: Span;
  readonly condition: Expression;
  readonly decision: Decision;
}

/** Notes the way that is taken, where values decide. */
export function noteTaken(context: Context, { span, condition, decision }: Omit<Way, 'label'>): void {
  if (context.isAside) return; // of a branch that is not taken, nothing is
  context.branches.push({ ...told(context, span, condition, decision), taken: true });
}

/**
 * Lowers a way that is not taken, with names of its own, so that it is checked, owns its parameters and can be drawn.
 * Returns the names it would leave behind.
 */
export function lowerOutline(context: Context, way: Way, lower: () => Node | undefined): Scope {
  const { label, span, condition, decision } = way;
  const scope = context.meanings.snapshot();
  const before = new Map(scope.names.map(name => [name, scope.get(name)]));
  const note = !context.isAside;
  let group: Group | undefined;
  let returned: Node | undefined;
  context.aside(scope, () =>
    context.at(span, () =>
      context.builder.inGroup('branch', label, () => {
        group = context.builder.currentProvenance.group;
        returned = lower();
      }),
    ),
  );
  if (!note) return scope;
  const names = scope.names.flatMap(name => {
    const meaning = scope.get(name);
    return meaning?.kind === 'node' && meaning !== before.get(name) ? [{ name, node: meaning.node }] : [];
  });
  const outline = { group: group!, names: [...names, ...(returned ? [{ node: returned }] : [])] };
  context.branches.push({ ...told(context, span, condition, decision), taken: false, outline });
  return scope;
}

function told(context: Context, span: Span, condition: Expression, { holds }: Decision) {
  return { condition: context.snippet(condition.span), holds, ...(context.isAbroad ? {} : { span }) };
}

/** Where both ways of an `if` are written; the second begins at its `else`. */
export function waysOf(source: Source, { body, condition, otherwise, span }: IfStatement): [Span, Span] {
  const end = (body.at(-1) ?? condition).span.end;
  const [first] = otherwise ?? [];
  const at = first ? source.text.lastIndexOf('else', first.span.start) : -1;
  const start = at >= end ? at : (first?.span.start ?? end);
  return [
    { start: span.start, end },
    { start, end: otherwise?.at(-1)?.span.end ?? start },
  ];
}

/** `else`, or the `else if` that a chain goes on with. */
export function elseLabel(context: Context, { otherwise = [] }: IfStatement): string {
  const [next, ...more] = otherwise;
  if (next?.kind !== 'if' || more.length > 0) return 'else';
  const text = context.snippet(next.condition.span);
  return `else if ${text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text}`;
}
