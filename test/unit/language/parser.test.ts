import assert from 'node:assert/strict';
import { parse } from '../../../src/language/parser';
import { Source } from '../../../src/language/source';
import { everything, iris } from './models';
import { syntaxErrors, tree } from './text';

function reads(text: string, expected: string): void {
  it(text, () => {
    assert.deepEqual(syntaxErrors(text), []);
    assert.equal(tree(text), expected);
  });
}

describe('Statements', () => {
  reads('data d = csv("a.csv", header = false)', 'data d = csv("a.csv", header = false)');
  reads('input x : [N, 4]', 'input x [N, 4] float');
  reads('input y : [N] int = d["a"]', 'input y [N] int = d["a"]');
  reads('input m : [] bool', 'input m [] bool');
  reads('param W : [2*K, C // 2] ~ xavier()', 'param W [(2 * K), (C // 2)] ~ xavier()');
  reads('param w = -0.5', 'param w = (-0.5)');
  reads('param w : [2] = [1, 2]', 'param w [2] = [1, 2]');
  reads('h = tanh(x @ W + b)', 'h = tanh(((x @ W) + b))');
  reads('check a ~= b', 'check a ~= b');
  reads('check f(a) ~= g(b) (tol = 1e-3)', 'check f(a) ~= g(b) tol 0.001');
  reads('check a ~= b (tol = 2)', 'check a ~= b tol 2');
  reads('train loss { }', 'train loss {  }');
  reads('train a + b { batch = full; epochs = 3 }', 'train (a + b) { batch = full; epochs = 3 }');
  reads('tune { lr = choice(1, 2) }', 'tune { lr = choice(1, 2) }');
  reads('fn f(a, b = 1) { c = a; return c + b }', 'fn f(a, b = 1) { c = a; return (c + b) }');
  reads(
    'layer f(x, units) { param W : [units] ~ he(); return x * W }',
    'layer f(x, units) { param W [units] ~ he(); return (x * W) }',
  );
  reads('layer cell = lstm(units = 8)', 'layer cell = lstm(units = 8)');
  reads('for i in 0..n { a = i }', 'for i in 0..n { a = i }');
  reads('for v in x { a = v }', 'for v in x { a = v }');
  reads('for t in a..b { ys[t] = x[t] }', 'for t in a..b { ys[t] = x[t] }');
  reads(
    'if a { b = 1 } else if c { b = 2 } else { b = 3 }',
    'if a { b = 1 } else { if c { b = 2 } else { b = 3 } }',
  );
  reads('while a < b { a = a + 1 }', 'while (a < b) { a = (a + 1) }');
  reads(
    'optimizer f(lr = 0.1) (p, g) { state v = 0; return p - v }',
    'optimizer f(lr = 0.1) (p, g) { state v = 0; return (p - v) }',
  );
  reads('import "layers.nabla"', 'import "layers.nabla"');
  reads('a = 1; b = 2;; c = 3', 'a = 1; b = 2; c = 3');
  reads('if a { b = 1 } c = 2', 'if a { b = 1 }; c = 2');
});

describe('Expressions', () => {
  const table: [text: string, tree: string][] = [
    ['-x ** 2', '(-(x ** 2))'],
    ['2 ** -1', '(2 ** (-1))'],
    ['2 ** -x ** 2', '(2 ** (-(x ** 2)))'],
    ['2 ** 3 ** 2', '(2 ** (3 ** 2))'],
    ['-x.T', '(-x.T)'],
    ['-x[0] ** 2', '(-(x[0] ** 2))'],
    ['a - b - c', '((a - b) - c)'],
    ['a + b * c @ d', '(a + ((b * c) @ d))'],
    ['a // b % c', '((a // b) % c)'],
    ['a * -b', '(a * (-b))'],
    ['a < b + 1', '(a < (b + 1))'],
    ['not a == b', '(not (a == b))'],
    ['not a and b or c', '(((not a) and b) or c)'],
    ['a and not b', '(a and (not b))'],
    ['a or b and c', '(a or (b and c))'],
    ['a if b else c if d else e', '(a if b else (c if d else e))'],
    ['a if b or c else d + 1', '(a if (b or c) else (d + 1))'],
    ['f(a, b = c, )', 'f(a, b = c)'],
    ['f()', 'f()'],
    ['f(x)[0].T', 'f(x)[0].T'],
    ['(a + b).T', '(a + b).T'],
    ['x[1:-1, ::2, :, ..., none, [3, 1], i]', 'x[1:(-1), ::2, :, ..., none, [3, 1], i]'],
    ['[[1, 2], [3, 4],]', '[[1, 2], [3, 4]]'],
    ['[]', '[]'],
    ['int(x) + float(y)', '(int(x) + float(y))'],
    ['dense(x, 3, act = tanh).T', 'dense(x, 3, act = tanh).T'],
    ['h.W', 'h.W'],
    ['block.h.W', 'block.h.W'],
    ['pi * inf', '(pi * inf)'],
  ];
  for (const [text, expected] of table) {
    it(text, () => {
      assert.deepEqual(syntaxErrors(`y = ${text}`), []);
      assert.equal(tree(`y = ${text}`), `y = ${expected}`);
    });
  }
});

describe('Newlines', () => {
  const one: string[] = [
    'h = f(a\n, b\n\n# note\n)',
    'h = [1,\n2]',
    'h = (a\n+ b)',
    'h =\na',
    'h = a + # note\n\n  b',
    'h = a\n  @ b',
    'h = a\n  and b',
    'h = a\nor b',
    'h = not\na',
    'h = a if\nb else\nc',
    'h = a if b\nelse c',
    'input x :\n[N]\n',
    'param W : [3] ~\nxavier()',
    'check a ~=\nb',
    'for i in\n0..\n3 { a = i }',
    'train loss\n\n{\n}',
    'if a\n{ b = 1 }\nelse\n{ b = 2 }',
    'if a {\n} # note\n\nelse { }',
    'x = y[0:\n3]',
  ];
  for (const text of one) {
    it(`${JSON.stringify(text)} is one statement`, () => {
      assert.deepEqual(syntaxErrors(text), []);
      assert.equal(parse(new Source('m', text)).file.statements.length, 1);
    });
  }

  for (const operator of ['+', '-', '*', '/', '%', '**', '==', '<', '>=', '=', '~', ':', ',', '..', '~=']) {
    it(`a line cannot start with ${operator}`, () => {
      const [error, ...others] = syntaxErrors(`h = a\n  ${operator} b\nc = h`);
      assert.equal(
        error,
        `2:3 syntax-line-start A line cannot start with \`${operator}\`: end the line above with it.`,
      );
      assert.deepEqual(others, []);
    });
  }

  it('moves the operator to the line above', () => {
    const text = 'h = a # note\n  + b';
    const [fix] = parse(new Source('m', text)).diagnostics[0]!.fixes!;
    const fixed = text.slice(0, fix!.span.start) + fix!.text + text.slice(fix!.span.end);
    assert.equal(tree(fixed), 'h = (a + b)');
    assert.equal(fixed, 'h = a + # note\n   b');
  });

  it('says that comments start with #', () => {
    for (const text of ["// it's a note", "/* it's\n a note */", 'h = 1\n// note (\nk = 2']) {
      const errors = syntaxErrors(text);
      assert.equal(errors.length, 1, text);
      assert.match(errors[0]!, /syntax-line-start Comments start with `#`\./);
    }
    assert.equal(tree('h = 1\n// note (\nk = 2'), 'h = 1; k = 2');
  });
});

describe('Words that begin a statement only where they can', () => {
  for (const word of ['data', 'input', 'param', 'layer', 'optimizer', 'state', 'check', 'train', 'tune']) {
    it(`${word} is a name before =, ( and [, and inside expressions`, () => {
      assert.equal(tree(`${word} = tanh(z)`), `${word} = tanh(z)`);
      assert.equal(
        tree(`y = ${word} + ${word}(1) + ${word}[0] + ${word}.W`),
        `y = (((${word} + ${word}(1)) + ${word}[0]) + ${word}.W)`,
      );
      assert.equal(tree(`f = g(${word} = 3)`), `f = g(${word} = 3)`);
      assert.equal(tree(`for t in 0..3 { ${word}[t] = t }`), `for t in 0..3 { ${word}[t] = t }`);
    });
  }

  it('explains a statement word before a parenthesis', () => {
    assert.deepEqual(syntaxErrors('check (a) ~= b'), [
      '1:1 syntax Before `(` the word `check` is a name. To begin a statement, let another value come first, or bind this one to a name.',
    ]);
  });
});

describe('Documentation comments', () => {
  const doc = (text: string, index = 0): string | undefined =>
    parse(new Source('m', text)).file.statements[index]?.doc;

  it('are the comment block directly above', () => {
    assert.equal(doc('# One\n#two\n#  three\nx = 1'), 'One\ntwo\n three');
    assert.equal(doc('# far\n\n# near\nx = 1'), 'near');
    assert.equal(doc('# far\n\nx = 1'), undefined);
    assert.equal(doc('y = 1 # beside\nx = 1', 1), undefined);
    assert.equal(doc('# both\ny = 1; x = 1', 1), undefined);
    assert.equal(doc('# A block\ntrain loss {\n}'), 'A block');
  });
});

describe('Models', () => {
  it('of the manual are read without an error', () => {
    assert.deepEqual(syntaxErrors(iris), []);
    assert.deepEqual(syntaxErrors(everything), []);
  });

  it('keep the text of every node', () => {
    const text = 'y = (a + b) * c[0]';
    const [statement] = parse(new Source('m', text)).file.statements;
    assert.ok(statement?.kind === 'bind' && statement.value.kind === 'binary');
    assert.equal(text.slice(statement.value.span.start, statement.value.span.end), '(a + b) * c[0]');
    assert.equal(text.slice(statement.value.left.span.start, statement.value.left.span.end), 'a + b');
    assert.equal(text.slice(statement.value.operatorSpan.start, statement.value.operatorSpan.end), '*');
  });
});
