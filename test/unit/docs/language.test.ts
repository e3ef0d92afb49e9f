import assert from 'node:assert/strict';
import type {
  BinaryOperator,
  ConstantName,
  Expression,
  File,
  IndexItem,
  Statement,
  UnaryOperator,
} from '../../../src/language/ast';
import { diagnosticCodes } from '../../../src/language/diagnostic';
import { parse } from '../../../src/language/parser';
import { Source } from '../../../src/language/source';
import { cell, code, pageOf, pages } from './page';
import { failedChecks, failure, read } from './program';
import { expressionsOf, statementsOf } from './syntax';

/** A record has all members of a union, or does not compile: what the grammar gets must be named here, and so be shown. */
type Every<T extends string> = Readonly<Record<T, true>>;

/** `check.tolerance`: a part of a statement that may be left out. */
type OptionalPart<S> = S extends { readonly kind: infer K extends string }
  ? `${K}.${{ [P in keyof S]-?: undefined extends S[P] ? P : never }[keyof S] & string}`
  : never;

const statements: Every<Statement['kind']> = {
  data: true,
  input: true,
  param: true,
  bind: true,
  check: true,
  train: true,
  tune: true,
  fn: true,
  layer: true,
  instance: true,
  for: true,
  if: true,
  while: true,
  return: true,
  optimizer: true,
  state: true,
  import: true,
};

const statementParts: Every<Exclude<OptionalPart<Statement>, `${string}.doc`>> = {
  'input.value': true,
  'param.shape': true,
  'param.initializer': true,
  'param.value': true,
  'bind.index': true,
  'check.tolerance': true,
  'for.end': true,
  'if.otherwise': true,
};

const expressions: Every<Exclude<Expression['kind'], 'missing'>> = {
  number: true,
  string: true,
  constant: true,
  name: true,
  unary: true,
  binary: true,
  conditional: true,
  call: true,
  index: true,
  member: true,
  list: true,
};

const indexItems: Every<IndexItem['kind'] | OptionalPart<IndexItem>> = {
  at: true,
  slice: true,
  ellipsis: true,
  'slice.start': true,
  'slice.stop': true,
  'slice.step': true,
};

const operators: Every<BinaryOperator | UnaryOperator> = {
  or: true,
  and: true,
  '==': true,
  '!=': true,
  '<': true,
  '<=': true,
  '>': true,
  '>=': true,
  '+': true,
  '-': true,
  '*': true,
  '/': true,
  '//': true,
  '%': true,
  '@': true,
  '**': true,
  not: true,
};

const constants: Every<ConstantName> = {
  pi: true,
  inf: true,
  nan: true,
  true: true,
  false: true,
  none: true,
};

/** Everything of the grammar that a file makes use of; a part that it leaves out as `no check.tolerance`. */
function used(file: File): Set<string> {
  const found = new Set<string>();
  const parts = (of: object, kind: string, names: readonly string[]): void => {
    for (const name of names.filter(each => each.startsWith(`${kind}.`))) {
      const present = (of as Record<string, unknown>)[name.slice(kind.length + 1)] !== undefined;
      found.add(present ? name : `no ${name}`);
    }
  };
  for (const statement of statementsOf(file)) {
    found.add(statement.kind);
    if (statement.doc !== undefined) found.add('a doc comment');
    if (statement.kind === 'if' && statement.otherwise?.[0]?.kind === 'if') found.add('else if');
    if (statement.kind === 'input') found.add(`an input of ${statement.dtype}`);
    parts(statement, statement.kind, Object.keys(statementParts));
  }
  for (const expression of expressionsOf(file)) {
    found.add(expression.kind);
    if (expression.kind === 'binary' || expression.kind === 'unary') found.add(expression.operator);
    if (expression.kind === 'constant') found.add(expression.name);
    if (expression.kind !== 'index') continue;
    for (const item of expression.items) {
      found.add(item.kind);
      parts(item, item.kind, Object.keys(indexItems));
    }
  }
  return found;
}

describe('docs/language.md', () => {
  const page = pageOf('language');
  const parsed = (text: string): File => parse(new Source('example.nabla', text)).file;

  it('lists every diagnostic with what it means', () => {
    const rows = page.rows.filter(row => row.header[0] === 'code');
    const listed = rows.map(row => [code(cell(row, 'code')), cell(row, 'meaning')]);
    assert.deepEqual(listed, Object.entries(diagnosticCodes));
  });

  // What a diagnostic is an example of stands in the text alone, in its values, or shows when it trains.
  for (const row of page.rows.filter(({ header }) => header[0] === 'code')) {
    const [wanted, example] = [code(cell(row, 'code')), code(cell(row, 'example'))];
    if (example === '') continue;
    it(`has an example of ${wanted}`, async () => {
      const program = await read(example);
      const found = program.findings.length > 0 ? program.findings : [failure(program)];
      assert.equal(found.length, 1);
      assert.match(found[0]!, new RegExp(`\\[${wanted}\\]`));
    });
  }

  const forms = page.rows.filter(row => row.header[0] === 'form');
  for (const row of forms) {
    it(`has an example of ${row.cells[0]} that runs`, async () => {
      const text = code(cell(row, 'example'));
      const program = await read(text);
      assert.deepEqual(program.findings, []);
      assert.deepEqual(failedChecks(program), []);
    });
  }

  it('has a row for every statement', () => {
    // A form begins like the statement; what it is besides follows from its example.
    const shown = new Set(forms.flatMap(row => [...used(parsed(code(cell(row, 'example'))))]));
    const missing = [...Object.keys(statements), ...Object.keys(statementParts)].filter(
      each => !shown.has(each),
    );
    assert.deepEqual(missing, []);
  });

  it('has examples of everything in the grammar, with and without what may be left out', () => {
    const texts = pages
      .flatMap(({ blocks }) => blocks)
      .filter(({ language, next }) => language === 'nabla' && !next);
    const shown = new Set(texts.flatMap(({ text }) => [...used(parsed(text))]));
    const optional = Object.keys({ ...statementParts, ...indexItems }).filter(name => name.includes('.'));
    const wanted = [
      ...Object.keys({ ...statements, ...statementParts, ...expressions, ...indexItems }),
      ...Object.keys({ ...operators, ...constants }),
      ...optional.map(name => `no ${name}`),
      ...['a doc comment', 'else if', 'an input of float', 'an input of int', 'an input of bool'],
    ];
    assert.deepEqual(
      wanted.filter(name => !shown.has(name)),
      [],
    );
  });
});
