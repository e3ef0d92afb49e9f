import { signature } from '../library/signatures';
import type { Expression, File, MemberExpression, Statement } from './ast';
import type { Diagnostic, DiagnosticCode } from './diagnostic';
import type { Source, Span } from './source';
import { replacement } from './tokenStream';
import { eachChildExpression, eachStatement, eachStatementExpression } from './walk';

const functionKinds: ReadonlySet<Statement['kind']> = new Set(['fn', 'layer', 'optimizer']);

/** Statements that stand only at the top of a file, with what they are called in a message. */
const topLevel: Partial<Record<Statement['kind'], string>> = {
  data: '`data`',
  input: '`input`',
  train: '`train`',
  tune: '`tune`',
  import: '`import`',
  instance: 'an instance of a layer',
  fn: '`fn`',
  layer: '`layer`',
  optimizer: '`optimizer`',
};

/** Statements and members that stand where they cannot. */
export function checkPlaces(file: File, source: Source, complete: boolean): Diagnostic[] {
  const found: Diagnostic[] = [];
  const error = (span: Span, message: string, code: DiagnosticCode = 'syntax'): void => {
    found.push({ code, severity: 'error', span, message });
  };
  const checkMembers = (expression: Expression): void => {
    eachChildExpression(expression, checkMembers);
    if (expression.kind === 'member') checkMember(expression, source, found);
  };
  eachStatement(file.statements, (statement, parents) => {
    const misplaced = (message: string): void => error(headOf(statement, source), message);
    const owner = parents.findLast(parent => functionKinds.has(parent.kind));
    const name = topLevel[statement.kind];
    if (name !== undefined && parents.length > 0)
      misplaced(`${name} stands at the top of a file, not inside a block.`);
    if (statement.kind === 'return' && owner === undefined)
      misplaced('`return` stands inside a `fn`, `layer` or `optimizer`.');
    if (statement.kind === 'state' && owner?.kind !== 'optimizer')
      misplaced('`state` stands inside an `optimizer`.');
    if (statement.kind === 'param' && (owner?.kind === 'fn' || owner?.kind === 'optimizer')) {
      misplaced(
        `A \`${owner.kind}\` has no parameters of its own: make it a \`layer\`, or pass the parameter as an argument.`,
      );
    }
    if (statement.kind === 'param' && statement.name.name === 'T') {
      error(
        statement.name.span,
        '`T` is reserved for transpose: choose another name for the parameter.',
        'name-reserved',
      );
    }
    if (statement.kind === 'bind' && statement.index !== undefined)
      checkElement(statement.name.span, parents, error);
    if (complete && functionKinds.has(statement.kind) && 'body' in statement && !returns(statement.body)) {
      misplaced(`The value is missing: \`${statement.kind}\` ends with \`return ...\`.`);
    }
    if ('formals' in statement) {
      for (const [i, { name }] of statement.formals.entries()) {
        if (statement.formals.findIndex(formal => formal.name.name === name.name) === i) continue;
        error(name.span, `Two arguments are called \`${name.name}\`: choose another name.`, 'name-duplicate');
      }
    }
    if (statement.kind === 'param' && statement.initializer)
      found.push(...checkInitializer(statement.initializer, source));
    eachStatementExpression(statement, checkMembers);
  });
  return found;
}

/** The word that begins a statement, so that a message does not underline a whole block. */
function headOf({ span }: Statement, source: Source): Span {
  const word = /^\S+/.exec(source.slice(span))?.[0] ?? '';
  return { start: span.start, end: span.start + word.length };
}

function checkElement(
  span: Span,
  parents: readonly Statement[],
  error: (span: Span, message: string) => void,
): void {
  if (parents.some(parent => parent.kind === 'for' && parent.end !== undefined)) return;
  error(
    span,
    'Values never change: `ys[t] = ...` stands inside `for t in a..b`, where it collects the stack `ys`.',
  );
}

/** Whether some path through the statements gives a value. */
function returns(statements: readonly Statement[]): boolean {
  let found = false;
  eachStatement(statements, statement => {
    found ||= statement.kind === 'return';
  });
  return found;
}

function checkInitializer(value: Expression, source: Source): Diagnostic[] {
  if (value.kind === 'missing' || value.kind === 'name') return [];
  if (value.kind === 'call' && signature(value.callee.name) === undefined) return [];
  if (value.kind === 'call' && signature(value.callee.name, 'initializer') !== undefined) {
    if (value.arguments.every(argument => argument.value.kind !== 'list')) return [];
    const text = `${value.callee.name}()`;
    const message = `After \`~\` the shape is known: \`${text}\`.`;
    return [
      {
        code: 'argument',
        severity: 'error',
        span: value.span,
        message,
        fixes: [replacement(value.span, text)],
      },
    ];
  }
  const text = source.slice(value.span);
  const shown = text.length > 40 ? '...' : text;
  const message = `After \`~\` stands an initialiser such as \`xavier()\`; a given start is written \`param w = ${shown}\`.`;
  return [{ code: 'argument-value', severity: 'error', span: value.span, message }];
}

/** What is asked with a point elsewhere. */
const foreignMembers: Readonly<Record<string, (x: string) => string>> = {
  shape: x => `size(${x}, 0)`,
  size: x => `size(${x})`,
  grad: x => `grad(loss, ${x})`,
  t: x => `${x}.T`,
  mT: x => `${x}.T`,
};

function checkMember({ member, target, span }: MemberExpression, source: Source, found: Diagnostic[]): void {
  if (member.name === 'T') return;
  const text = source.slice({ start: span.start, end: target.span.end });
  if (Object.hasOwn(foreignMembers, member.name)) {
    const form = foreignMembers[member.name]!(text);
    const message = `\`.${member.name}\` is written \`${form}\` here.`;
    found.push({
      code: 'syntax-python',
      severity: 'error',
      span: member.span,
      message,
      fixes: [replacement(span, form)],
    });
  } else if (target.kind !== 'name' && target.kind !== 'member') {
    const message = `A parameter is read from a name: bind the layer's value first, \`h = ...\`, then \`h.${member.name}\`.`;
    found.push({ code: 'name-unknown', severity: 'error', span: member.span, message });
  }
}
