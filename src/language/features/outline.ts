import type { Statement } from '../ast';
import type { Source, Span } from '../source';
import type { TextAnalysis } from '../text';
import { childStatements } from '../walk';

export type OutlineKind =
  | 'data'
  | 'input'
  | 'param'
  | 'node'
  | 'function'
  | 'layer'
  | 'optimizer'
  | 'loop'
  | 'check'
  | 'train'
  | 'tune';

/** One line of a file's outline. */
export interface OutlineEntry {
  readonly name: string;
  readonly kind: OutlineKind;
  /** What is worth knowing beside the name: a shape, a source, the start of an expression. */
  readonly detail: string;
  readonly span: Span;
  /** The part of the span to select. */
  readonly nameSpan: Span;
  readonly children: readonly OutlineEntry[];
}

export function outline({ file, source }: TextAnalysis): OutlineEntry[] {
  return entriesOf(file.statements, source);
}

function entriesOf(statements: readonly Statement[], source: Source): OutlineEntry[] {
  return statements.flatMap(statement => {
    const children = entriesOf(childStatements(statement), source);
    const entry = describe(statement, source);
    // a branch is no thing of its own: what it binds stands in its place
    return entry === undefined ? children : [{ ...entry, span: statement.span, children }];
  });
}

type Description = Pick<OutlineEntry, 'name' | 'kind' | 'detail' | 'nameSpan'>;

function describe(statement: Statement, source: Source): Description | undefined {
  const text = (span: Span): string => shorten(source.slice(span));
  const word = { start: statement.span.start, end: Math.min(statement.span.end, statement.span.start + 5) };
  switch (statement.kind) {
    case 'data':
      return { ...named(statement), kind: 'data', detail: text(statement.source.span) };
    case 'input': {
      const dtype = statement.dtype === 'float' ? '' : ` ${statement.dtype}`;
      return { ...named(statement), kind: 'input', detail: text(statement.shape.span) + dtype };
    }
    case 'param': {
      const shape = statement.shape ? text(statement.shape.span) : '';
      const start = statement.initializer ? ` ~ ${text(statement.initializer.span)}` : '';
      return { ...named(statement), kind: 'param', detail: (shape + start).trim() };
    }
    case 'bind':
      return { ...named(statement), kind: 'node', detail: text(statement.value.span) };
    case 'state':
      return { ...named(statement), kind: 'node', detail: text(statement.value.span) };
    case 'instance':
      return { ...named(statement), kind: 'layer', detail: text(statement.value.span) };
    case 'fn':
    case 'layer':
    case 'optimizer': {
      const detail = `(${statement.formals.map(formal => formal.name.name).join(', ')})`;
      return { ...named(statement), kind: statement.kind === 'fn' ? 'function' : statement.kind, detail };
    }
    case 'for':
      return {
        name: `for ${statement.name.name}`,
        kind: 'loop',
        detail: text(statement.from.span),
        nameSpan: statement.name.span,
      };
    case 'while':
      return { name: 'while', kind: 'loop', detail: text(statement.condition.span), nameSpan: word };
    case 'check': {
      const sides = {
        start: statement.left.span.start,
        end: Math.max(statement.left.span.end, statement.right.span.end),
      };
      return { name: 'check', kind: 'check', detail: text(sides), nameSpan: word };
    }
    case 'train':
      return { name: 'train', kind: 'train', detail: text(statement.objective.span), nameSpan: word };
    case 'tune':
      return {
        name: 'tune',
        kind: 'tune',
        detail: '',
        nameSpan: { start: word.start, end: Math.min(word.end, word.start + 4) },
      };
    default:
      return undefined;
  }
}

function named({
  name,
}: {
  readonly name: { readonly name: string; readonly span: Span };
}): Pick<Description, 'name' | 'nameSpan'> {
  return { name: name.name, nameSpan: name.span };
}

function shorten(text: string): string {
  const line = text.replace(/#.*$/gm, '').replace(/\s+/g, ' ').trim();
  return line.length > 50 ? `${line.slice(0, 49)}…` : line;
}
