import assert from 'node:assert/strict';
import { repairedSyntax, syntaxErrors, tree } from './text';

/** What a broken text says, word by word, and what the fix makes of it. */
const table: [text: string, errors: string[], repaired?: string][] = [
  ['h = dense(x,\nb = 3\nc = b', ['1:10 syntax `(` is never closed: `)` is missing.']],
  ['h = (1 +\nparam W : [3] ~ he()', ['1:5 syntax `(` is never closed: `)` is missing.']],
  ['h = 1 +\nb = 3', ['1:7 syntax `+` has nothing on its right: a value is missing.']],
  ['h =\nb = 3', ['1:3 syntax After `=` a value is missing.']],
  ['h =', ['1:3 syntax After `=` a value is missing.']],
  ['h = 1 +', ['1:7 syntax `+` has nothing on its right: a value is missing.']],
  ['h = * 3', ['1:5 syntax Between `=` and the `*` a value is missing.']],
  ['h = 1 + * 3', ['1:9 syntax Between `+` and `*` a value is missing.']],
  ['h = 3 4', ['1:7 syntax Between `3` and `4` an operator is missing.']],
  ['h = f(1 2)', ['1:9 syntax Between `1` and `2` an operator is missing, or a comma.']],
  ['h = 1)', ['1:6 syntax `)` closes nothing: there is no `(` before it.'], 'h = 1'],
  ['h = [1)', ['1:7 syntax `)` does not close the `[`.'], 'h = [1]'],
  ['h = (1, 2)', ['1:7 syntax-python Lists stand in square brackets: `[a, b]`; parentheses only group.']],
  ['h = ()', ['1:5 syntax The parentheses are empty: a list is `[]`, nothing is `none`.']],
  [
    'h = 1 < 2 < 3',
    ['1:11 syntax Comparisons do not chain: write `a < b and b < c`.'],
    'h = 1 < 2 and 2 < 3',
  ],
  ['a = b = 3', ['1:7 syntax A statement has one `=`; two values are compared with `==`.'], 'a = b == 3'],
  [
    'h = 1 == not 2',
    ['1:10 syntax `not` is looser than the operator before it: put it in parentheses, `(not x)`.'],
  ],
  ['h = +3', ['1:5 syntax There is no sign `+`: leave it out.'], 'h = 3'],
  ['h = 1, 2', ['1:6 syntax-python A statement has one value; a list stands in brackets: `[a, b]`.']],
  ['a, b = 3', ['1:1 syntax-python One name is bound at a time: `a = ...`, then `b = ...`.']],
  ['1 + 2', ['1:1 syntax A value needs a name to be shown: write `name = 1 + 2`.'], 'name = 1 + 2'],
  ['mean(3)', ['1:1 syntax A value needs a name to be shown: write `name = mean(3)`.'], 'name = mean(3)'],
  ['3 = 4', ['1:1 syntax On the left of `=` stands a name.']],
  [
    'x[0, 1] = 3',
    [
      '1:1 syntax Values never change: only `ys[t] = ...` inside `for t in a..b` collects a stack. For a choice of entries use `where`.',
    ],
  ],
  [
    'W : [3] ~ he()',
    ['1:1 syntax A declaration starts with `param` or `input`: `param W : [4, 3] ~ xavier()`.'],
    'param W : [3] ~ he()',
  ],
  ['a ~= b', ['1:3 syntax A comparison to be tested starts with `check`.'], 'check a ~= b'],
  [
    'h = 1..3',
    [
      '1:6 syntax `a..b` stands only in `for i in a..b`; a slice is written `a:b`, a list of numbers `arange(a, b)`.',
    ],
  ],
  ['h = a ~ b', ['1:7 syntax `~` gives a parameter its initialiser: `param W : [4, 3] ~ xavier()`.']],
  [
    'h = [x for x in y]',
    [
      '1:8 syntax-python A list is not built by `for`: `for t in a..b { ys[t] = ... }` collects the stack `ys`.',
    ],
  ],
  [
    'h = lambda x: x',
    ['1:5 syntax-python There is no `lambda`: define `fn f(x) { return ... }` and use the name `f`.'],
  ],
  ['h = None', ['1:5 syntax-python `None` is written `none` here.'], 'h = none'],
  ['h = self.a', ['1:5 syntax-python There is no `self`: write `a`.'], 'h = a'],
  ['h = x.sum()', ['1:7 syntax-python Values have no methods: write `sum(x)`.'], 'h = sum(x)'],
  [
    'x = 1\nh = x.reshape(2, 3)',
    ['2:7 syntax-python Values have no methods: write `reshape(x, [2, 3])`.'],
    'x = 1\nh = reshape(x, [2, 3])',
  ],
  ['h = np.exp(1)', ['1:5 syntax-python There are no modules: write `exp` for `np.exp`.'], 'h = exp(1)'],
  [
    'h = np.linalg.inv(A)',
    ['1:5 syntax-python There are no modules: write `inv` for `np.linalg.inv`.'],
    'h = inv(A)',
  ],
  ['h = np.pi', ['1:5 syntax-python There are no modules: write `pi` for `np.pi`.'], 'h = pi'],
  ['h = x.T()', ['1:7 syntax-python Values have no methods: write `x.T`.'], 'h = x.T'],
  [
    'import numpy as np',
    [
      '1:8 syntax-python Built-in functions need no import; definitions of another file come with `import "layers.nabla"`.',
    ],
  ],
  [
    'from x import y',
    [
      '1:1 syntax-python Built-in functions need no import; definitions of another file come with `import "layers.nabla"`.',
    ],
  ],
  [
    'def f(x):\n    return x',
    [
      '1:1 syntax-python A function is defined with `fn`, not `def`.',
      '1:9 syntax-python A block stands in braces: `{ ... }`.',
    ],
    'fn f(x):\n    return x',
  ],
  [
    'def f(x) { return x }',
    ['1:1 syntax-python A function is defined with `fn`, not `def`.'],
    'fn f(x) { return x }',
  ],
  [
    'fn f(x) = x ** 2',
    ['1:9 syntax The value of a function stands in a block: `{ return x ** 2 }`.'],
    'fn f(x) { return x ** 2 }',
  ],
  ['fn f(x)', ['1:7 syntax A block in braces is missing here: `{ ... }`.']],
  ['fn f(*a) { return 1 }', ['1:6 syntax-python A function takes a fixed list of arguments.']],
  ['fn { return 1 }', ['1:4 syntax A name is missing: `fn f(a, b = 1) { return ... }`.']],
  [
    'class A',
    ['1:1 syntax-python There are no classes: a part with parameters of its own is a `layer f(x) { ... }`.'],
  ],
  [
    'print(3)',
    ['1:1 syntax-python Every named value is shown in the editor and by `nabla run`: give this one a name.'],
  ],
  ['let x = 3', ['1:1 syntax-python A value is named without `let`: `name = value`.'], 'x = 3'],
  ['x = 1\nx += 2', ['2:3 syntax-python `+=` is written out here: `x = x + ...`.'], 'x = 1\nx = x + 2'],
  ['x++', ['1:2 syntax-python Write `x = x + 1`.'], 'x = x + 1'],
  ['if x = 3 { }', ['1:6 syntax Two values are compared with `==`.'], 'if x == 3 { }'],
  ['if 1: x = 2', ['1:5 syntax-python A block stands in braces: `{ ... }`.']],
  ['if 1 {\n', ['1:6 syntax `{` is never closed: `}` is missing.']],
  ['}', ['1:1 syntax `}` closes nothing: there is no `{` before it.'], ''],
  ['else { }', ['1:1 syntax `else` follows the `}` of an `if`.']],
  [
    'for i = 0..3 { }',
    ['1:7 syntax A loop is written `for i in 0..3 { ... }` or `for v in x { ... }`.'],
    'for i in 0..3 { }',
  ],
  [
    'for i in range(3) { a = i }',
    ['1:10 syntax-python A counted loop is written `for i in 0..3`; the last number is left out.'],
    'for i in 0..3 { a = i }',
  ],
  ['for 3 { }', ['1:5 syntax A name is missing: `for i in 0..3 { ... }`.']],
  ['while { }', ['1:7 syntax `{` opens a block, and a value is missing before it.']],
  ['train { batch = 3 }', ['1:1 syntax What to make small is missing: `train loss { ... }`.']],
  ['train 1 { lr: 3 }', ['1:13 syntax A key takes its value with `=`.'], 'train 1 { lr = 3 }'],
  [
    'train 1 { batch = 3, epochs = 2 }',
    ['1:20 syntax Keys are separated by new lines or `;`.'],
    'train 1 { batch = 3; epochs = 2 }',
  ],
  ['train 1 { batch }', ['1:17 syntax The key `batch` has no value: `batch = ...`.']],
  ['tune lr { }', ['1:1 syntax Only its block follows `tune`: `tune { trials = 20 }`.']],
  ['input x', ['1:7 syntax An input has a shape: `input x : [N, 4]`.']],
  [
    'input x : 3',
    ['1:11 syntax A shape stands in square brackets: `[N, 4]`; `[]` is a scalar.'],
    'input x : [3]',
  ],
  [
    'input x : [N] float32',
    ['1:15 syntax The types are `float`, `int` and `bool`, not `float32`.'],
    'input x : [N] float',
  ],
  ['input x : [N] strng', ['1:15 syntax The types are `float`, `int` and `bool`, not `strng`.']],
  ['param W : [3]', ['1:13 syntax How the parameter starts is missing: `~ xavier()` or `= 0.5`.']],
  [
    'param W ~ he()',
    ['1:7 syntax With an initialiser a parameter needs its shape: `param W : [4, 3] ~ xavier()`.'],
  ],
  ['param : [3]', ['1:7 syntax A name is missing: `param W : [4, 3] ~ xavier()`.']],
  ['param if = 3', ['1:7 name-reserved `if` is a keyword: choose another name.']],
  ['pi = 3', ['1:1 name-reserved `pi` is a constant of the language: choose another name.']],
  ['param true = 3', ['1:7 name-reserved `true` is a constant of the language: choose another name.']],
  ['check 1', ['1:7 syntax A check has two sides: `check A ~= B`.']],
  ['check 1 == 2', ['1:9 syntax A check compares with `~=`, within a tolerance.'], 'check 1 ~= 2'],
  ['check 1 ~= 2 (tol = 1, 2)', ['1:22 syntax The tolerance is one number: `(tol = 1e-4)`.']],
  [
    'whlie 1 { a = 2 }',
    ['1:1 syntax No statement starts with `whlie`. Did you mean `while`?'],
    'while 1 { a = 2 }',
  ],
  [
    'parm W : [3] ~ he()',
    ['1:1 syntax No statement starts with `parm`. Did you mean `param`?'],
    'param W : [3] ~ he()',
  ],
  ['return', ['1:1 syntax Something is missing after `return`.']],
  [
    'optimizer f(p, g) { return p }',
    ['1:11 syntax An optimiser has two lists of arguments, its own first: `f() (p, g)`.'],
    'optimizer f() (p, g) { return p }',
  ],
  [
    'optimizer f(a) (p) { return p }',
    [
      '1:11 syntax An optimiser takes the parameter and its gradient: `optimizer f(lr = 0.1) (p, g) { return ... }`.',
    ],
  ],
  ['optimizer = ', ['1:11 syntax After `=` a value is missing.']],
  ['h = x is 3', ['1:7 syntax-python `is` is written `==` here.'], 'h = x == 3'],
  [
    'h = 3 // a note here',
    ['1:7 syntax If this is a comment: comments start with `#`, and `//` is division rounded down.'],
    'h = 3 # a note here',
  ],
  ['h = {1: 2}', ['1:5 syntax `{` opens a block, and a value is missing before it.']],
  ['h = ~3', ['1:5 syntax-python The opposite of a bool is written `not x`.'], 'h = not 3'],
  ['h = x?', ['1:6 text-character `?` (U+003F) means nothing here.']],
  ['h = f(x: 3)', ['1:8 syntax An argument is named with `=`, not `:`.'], 'h = f(x = 3)'],
  ['h = f(*x)', ['1:7 syntax-python A list is not spread over arguments: give them one by one.']],
  ['data = ', ['1:6 syntax After `=` a value is missing.']],
  ['data d', ['1:6 syntax A source is missing: `data iris = csv("iris.csv")`.']],
  ['layer c = ', ['1:9 syntax After `=` a value is missing.']],
  ['h = if 3', ['1:5 syntax A choice between values is written `A if C else B`.']],
  ['h = 1 if 2', ['1:7 syntax A choice names both values: `A if C else B`.']],
  ['h = fn', ['1:5 syntax A function is defined by a statement of its own: `fn f(x) { return ... }`.']],
  ['f(x)(y)', ['1:5 syntax Only a name can be called: `f(x)`. For a product write `a * (b)`.']],
  ['h = (1)(2)', ['1:8 syntax Only a name can be called: `f(x)`. For a product write `a * (b)`.']],
  ['h = x[]', ['1:5 syntax An index needs at least one position: `x[0]`, `x[:, 1]`.']],
  ['h = x.', ['1:7 syntax After `.` comes `T` (transpose) or the name of a parameter: `x.T`, `h.W`.']],
  ['h = x.3', ['1:7 syntax After `.` comes `T` (transpose) or the name of a parameter: `x.T`, `h.W`.']],
  ['x = "a" "b"', ['1:9 syntax Between `"a"` and `"b"` an operator is missing.']],
  ['in = 3', ['1:1 name-reserved `in` is a keyword: choose another name.']],
  ['h = for', ['1:5 syntax `for` is a keyword and no value: choose another name.']],
];

describe('Syntax errors', () => {
  for (const [text, errors, fixed] of table) {
    it(JSON.stringify(text), () => {
      assert.deepEqual(syntaxErrors(text), errors);
      if (fixed !== undefined) assert.equal(repairedSyntax(text), fixed);
    });
  }

  it('are one a broken statement, and leave the other statements alone', () => {
    const text = 'a = 1\nb = (2 +\nc = 3\nd = = 4\ne = [1, 2\nf = a + c';
    assert.deepEqual(
      syntaxErrors(text).map(error => error.split(' ')[0]),
      ['2:5', '4:5', '5:5'],
    );
    assert.equal(tree(text), 'a = 1; b = ?; c = 3; d = ?; e = ?; f = (a + c)');
  });

  it('inside an open bracket end at a line that is indented no deeper and begins a statement', () => {
    assert.equal(tree('h = dense(x,\n  b = 3\n  c)\nd = 1'), 'h = ?; d = 1');
    assert.equal(
      tree('train loss {\n  metrics = [a,\n  epochs = 3\n}\nb = 1'),
      'train loss { metrics = ?; epochs = 3 }; b = 1',
    );
    assert.equal(tree('fn f(x) {\n  y = (x\n}\nb = 1'), 'fn f(x) { y = ? }; b = 1');
    assert.equal(tree('h = dense(x,\nact = tanh,\nunits = 3)'), 'h = dense(x, act = tanh, units = 3)');
  });

  it('keep the parts of a statement that are whole', () => {
    assert.equal(tree('input x : [N, 4] = (2 +\ny = x'), 'input x [N, 4] float = ?; y = x');
    assert.equal(tree('for i 0..3 { a = i }'), 'for i in ? { a = i }');
    assert.equal(tree('if x = 3 { a = 1 } else { a = 2 }'), 'if ? { a = 1 } else { a = 2 }');
    assert.equal(tree('train { batch = 3 }'), 'train ? { batch = 3 }');
  });
});
