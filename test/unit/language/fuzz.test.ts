import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Expression, Identifier, Statement } from '../../../src/language/ast';
import { Source, type Span } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { childExpressions, childStatements, statementExpressions } from '../../../src/language/walk';
import { corpus } from './models';

/** What must hold for every text, however broken. */
function verify(text: string): void {
  try {
    verifyText(text);
  } catch (error) {
    throw new Error(`in ${JSON.stringify(text)}`, { cause: error });
  }
}

function verifyText(text: string): void {
  const { file, tokens, diagnostics, symbols } = analyzeText(new Source('fuzz.nabla', text));
  const whole = { start: 0, end: text.length };
  if (tokens.length > 0) {
    assert.equal(
      tokens.map(token => text.slice(token.start, token.end)).join(''),
      text,
      'tokens are lossless',
    );
  }
  for (const diagnostic of diagnostics) {
    inside(diagnostic.span, whole, diagnostic.message);
    assert.ok(diagnostic.message.length > 10);
    for (const fix of diagnostic.fixes ?? []) inside(fix.span, whole, fix.title);
    for (const related of diagnostic.related ?? []) inside(related.span, whole, related.message);
  }
  for (const definition of symbols.definitions) inside(definition.span, whole, definition.name);
  for (const use of symbols.uses) inside(use.span, whole, use.name);
  let end = 0;
  for (const statement of file.statements) {
    assert.ok(statement.span.start >= end, `${statement.kind} overlaps the statement before it`);
    end = statement.span.end;
    verifyStatement(statement, whole);
  }
}

function verifyStatement(statement: Statement, parent: Span): void {
  inside(statement.span, parent, statement.kind);
  if ('name' in statement) verifyName(statement.name, statement.span);
  for (const expression of statementExpressions(statement)) verifyExpression(expression, statement.span);
  for (const child of childStatements(statement)) verifyStatement(child, statement.span);
}

function verifyName({ name, span }: Identifier, parent: Span): void {
  inside(span, parent, name);
  assert.equal(name, name.normalize('NFC'));
}

function verifyExpression(expression: Expression, parent: Span): void {
  inside(expression.span, parent, expression.kind);
  for (const child of childExpressions(expression)) verifyExpression(child, expression.span);
}

function inside(span: Span, parent: Span, what: string): void {
  const fits = parent.start <= span.start && span.start <= span.end && span.end <= parent.end;
  assert.ok(fits, `${what}: ${span.start}..${span.end} is not inside ${parent.start}..${parent.end}`);
}

const pieces = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '=',
  '==',
  '~=',
  '~',
  ':',
  ',',
  ';',
  '.',
  '..',
  '...',
  '+',
  '-',
  '*',
  '/',
  '//',
  '**',
  '@',
  '<',
  '!',
  '&&',
  '+=',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\t',
  '#',
  '"',
  '\\',
  "'",
  '1',
  '1.',
  '.5',
  '1e',
  'x',
  'θ',
  'x̂',
  'T',
  'if',
  'else',
  'for',
  'in',
  'while',
  'fn',
  'layer',
  'param',
  'train',
  'tune',
  'check',
  'state',
  'return',
  'not',
  'and',
  'import',
  'optimizer',
  'lambda',
  'None',
  'self.',
  'def ',
  'elif',
  '“',
  '²',
  '\u00a0',
  '\u200b',
  '\ufffd',
  '\0',
  '😀',
  '\ud800',
  '"""',
  '/*',
  'np.exp(',
  '.sum()',
  'check a ~= b (tol = ',
  'x[t] =',
  'a, b = ',
  'print(',
  '0x1F',
  '3x',
];

/** One change of a text, as data, so that a failure can be read. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(12),
  kind: fc.constantFrom('delete', 'copy', 'swap', 'insert', 'insert'),
  piece: fc.constantFrom(...pieces),
});

function apply(text: string, change: typeof edit extends fc.Arbitrary<infer E> ? E : never): string {
  const at = Math.floor(change.at * text.length);
  const from = Math.floor(change.from * text.length);
  const { length } = change;
  switch (change.kind) {
    case 'delete':
      return text.slice(0, at) + text.slice(at + length);
    case 'copy':
      return text.slice(0, at) + text.slice(from, from + length) + text.slice(at);
    case 'swap': {
      const [first, second] = at < from ? [at, from] : [from, at];
      const middle = Math.min(first + length, second);
      return (
        text.slice(0, first) +
        text.slice(second, second + length) +
        text.slice(middle, second) +
        text.slice(first, middle) +
        text.slice(second + length)
      );
    }
    default:
      return text.slice(0, at) + change.piece + text.slice(at);
  }
}

describe('Any text at all', () => {
  const texts = corpus();

  it('is read without a failure, cut off at any place', () => {
    for (const text of texts) {
      for (let end = 0; end <= text.length; end++) verify(text.slice(0, end));
    }
  });

  it('is read without a failure, with any line taken out', () => {
    for (const text of texts) {
      const lines = text.split('\n');
      for (let i = 0; i < lines.length; i++) verify(lines.toSpliced(i, 1).join('\n'));
    }
  });

  it('is read without a failure, after random edits', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        (text, edits) => {
          verify(edits.reduce(apply, text));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('is read without a failure, made of random pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), parts => {
        verify(parts.join(' '));
        verify(parts.join(''));
      }),
      { numRuns: 3000 },
    );
  });

  it('is read without a failure, made of random characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), verify), { numRuns: 1000 });
  });

  it('applied fixes give a text that can be read too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        (text, edits) => {
          const changed = edits.reduce(apply, text);
          for (const { fixes } of analyzeText(new Source('fuzz.nabla', changed)).diagnostics) {
            for (const fix of fixes ?? []) {
              verify(changed.slice(0, fix.span.start) + fix.text + changed.slice(fix.span.end));
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
