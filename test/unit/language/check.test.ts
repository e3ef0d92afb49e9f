import assert from 'node:assert/strict';
import { problems, repaired } from './text';

type Row = [text: string, problems: string[], repaired?: string];

function table(rows: readonly Row[]): void {
  for (const [text, expected, fixed] of rows) {
    it(JSON.stringify(text), () => {
      assert.deepEqual(problems(text), expected);
      if (fixed !== undefined) assert.equal(repaired(text), fixed);
    });
  }
}

describe('Names', () => {
  table([
    ['y = z', ['1:5 name-unknown No value has the name `z`.']],
    [
      'width = 1\ny = widht',
      ['2:5 name-unknown No value has the name `widht`. Did you mean `width`?'],
      'width = 1\ny = width',
    ],
    ['input x : [N, 4]\ny = sum(x) / N', []],
    [
      'fn f(a, b, a) { return a + b }',
      ['1:12 name-duplicate Two arguments are called `a`: choose another name.'],
    ],
    ['input x : [N, 4]\ny = sum(x) / M', ['2:14 name-unknown No value has the name `M`.']],
    ['input x : [N]\nparam W : [K] ~ he()', ['1:7 name-unused The input `x` is never used.']],
    [
      'y = a\na = 1',
      [
        '1:5 name-unknown `a` is bound further down: names are known from the line after the one that binds them.',
      ],
    ],
    [
      'y = relu',
      ['1:5 name-unknown `relu` is a function, and no value has this name: call it, `relu(...)`.'],
    ],
    [
      'y = exp(tanh)',
      ['1:9 name-unknown `tanh` is a function, and no value has this name: call it, `tanh(...)`.'],
    ],
    ['y = Relu(1)', ['1:5 name-unknown There is no function `Relu`. Did you mean `relu`?'], 'y = relu(1)'],
    [
      'y = softmx(1)',
      ['1:5 name-unknown There is no function `softmx`. Did you mean `softmax`?'],
      'y = softmax(1)',
    ],
    [
      'y = cat(1, 2)',
      ['1:5 name-unknown There is no function `cat`. Did you mean `concat`?'],
      'y = concat(1, 2)',
    ],
    ['y = csv("a.csv")', ['1:5 name-unknown `csv` is a data source: it stands in `data d = ...`.']],
    [
      'y = he()',
      ['1:5 name-unknown `he` is an initialiser: it stands after `~` and in arguments of layers.'],
    ],
    [
      'y = adam()',
      ['1:5 name-unknown `adam` is an optimiser: it stands in `optimizer = ...` of a `train` block.'],
    ],
    [
      'data d = csv("a.csv")\ndata d = moons()',
      ['2:6 name-duplicate `d` is already a table of this file: choose another name.'],
    ],
    [
      'input x : [3]\nparam x = 1',
      ['2:7 name-duplicate `x` is already an input of this file: choose another name.'],
    ],
    [
      'fn f(x) { return x }\nfn f(y) { return y }',
      ['2:4 name-duplicate `f` is already a function of this file: choose another name.'],
    ],
    [
      'fn f(x) { y = x\nreturn y }\nz = y',
      ['3:5 name-unknown `y` is known only inside the function that binds it.'],
    ],
    [
      'if 1 > 0 { h = 1 } else { g = 2 }\ny = h',
      [
        '2:5 name-unknown `h` is bound in a block that may not run: bind it on every path, or before the block.',
      ],
    ],
    ['if 1 > 0 { h = 1 } else { h = 2 }\ny = h', []],
    ['h = 0\nif 1 > 0 { h = 1 }\ny = h', []],
    [
      'while 1 > 2 { h = 1 }\ny = h',
      [
        '2:5 name-unknown `h` is bound in a block that may not run: bind it on every path, or before the block.',
      ],
    ],
    ['for i in 0..3 { h = i }\ny = h', []],
    ['fn f(x) { if x > 0 { y = 1 } else { return 0 }\nreturn y }\nz = f(1)', []],
    ['h = 1\nh = 2\ny = h', ['1:1 name-unused This `h` is never used: the name is bound again before.']],
    ['h = 1\nh = h + 1\ny = h', []],
    ['data d = moons()', ['1:6 name-unused The data `d` is never used, and not read.']],
    ['input x : [3]', ['1:7 name-unused The input `x` is never used.']],
    ['a = 1\nb = 2\ntrain b { }', ['1:1 name-unused `a` is never used.']],
    ['a = 1\nb = 2', []],
    ['w = 1\nL = w * w\ng = grad(L, w)\nloss = L\ntrain loss { }', []],
    ['fn f(x) { y = 2\nreturn x }\nz = f(1)', ['1:11 name-unused `y` is never used.']],
    ['import "a.nabla"\ny = mystery(1)', []],
    ['mean = 3\ny = mean(mean)', []],
    [
      'param T = 3',
      ['1:7 name-reserved `T` is reserved for transpose: choose another name for the parameter.'],
    ],
    ['input x : [N, T]\ny = x.T / T', []],
  ]);
});

describe('Calls', () => {
  table([
    ['y = exp()', ['1:5 argument `exp` needs `x`: `exp(x)`.']],
    ['y = exp(1, 2)', ['1:12 argument `exp` takes one argument: `exp(x)`.']],
    ['y = mse(1)', ['1:5 argument `mse` needs `b`: `mse(a, b, reduction = mean)`.']],
    ['y = clip(1, 2)', ['1:5 argument `clip` needs `hi`: `clip(x, lo, hi)`.']],
    [
      'y = softmax(1, axes = 0)',
      ['1:16 argument `softmax` has no argument `axes`. Did you mean `axis`?'],
      'y = softmax(1, axis = 0)',
    ],
    [
      'y = softmax(1, axis = 0, axis = 1)',
      ['1:26 argument The argument `axis` of `softmax` is given twice.'],
    ],
    ['y = mse(1, a = 2)', ['1:12 argument The argument `a` of `mse` is given twice.']],
    [
      'y = mse(a = 1, 2)',
      ['1:16 argument An argument without a name stands before those with one: move it forward, or name it.'],
    ],
    [
      'y = sum(1, 0, true, 4)',
      ['1:21 argument `sum` takes at most 3 arguments: `sum(x, axis = none, keepdims = false)`.'],
    ],
    [
      'y = mse(1, 2, reduction = men)',
      ['1:27 argument-value `reduction` is `mean`, `sum` or `none`. Did you mean `mean`?'],
      'y = mse(1, 2, reduction = mean)',
    ],
    [
      'y = mse(1, 2, reduction = "sum")',
      ['1:27 argument-value `reduction` takes the word without quotes: `sum`.'],
      'y = mse(1, 2, reduction = sum)',
    ],
    [
      'y = numeric_grad(1, 2, scheme = backward)',
      ['1:33 argument-value `scheme` is `central` or `forward`.'],
    ],
    ['y = mse(1, 2, reduction = none)', []],
    [
      'x = 1\ny = reshape(x, 2, 3)',
      ['2:16 argument `shape` of `reshape` is one list: `[2, 3]`.'],
      'x = 1\ny = reshape(x, [2, 3])',
    ],
    ['y = zeros(2, 3)', ['1:11 argument `shape` of `zeros` is one list: `[2, 3]`.'], 'y = zeros([2, 3])'],
    [
      'x = 1\ny = transpose(x, 1, 0)',
      ['2:18 argument `axes` of `transpose` is one list: `[1, 0]`.'],
      'x = 1\ny = transpose(x, [1, 0])',
    ],
    [
      'x = 1\ny = concat([x, x], axis = 1)',
      ['2:12 argument `concat` takes its values one by one, without brackets: `concat(a, b)`.'],
      'x = 1\ny = concat(x, x, axis = 1)',
    ],
    [
      'x = 1\ny = dense(x, 3, act = relu())',
      ['2:23 argument The function is named, not called: `act = relu`.'],
      'x = 1\ny = dense(x, 3, act = relu)',
    ],
    [
      'x = 1\ny = dense(x, 3, act = "relu")',
      ['2:23 argument-value A function is named without quotes: `act = relu`.'],
      'x = 1\ny = dense(x, 3, act = relu)',
    ],
    [
      'x = 1\ny = dense(x, 3, act = rleu)',
      ['2:23 name-unknown There is no function `rleu`. Did you mean `relu`?'],
      'x = 1\ny = dense(x, 3, act = relu)',
    ],
    ['x = 1\ny = dense(x, 3, act = none, W = he(), b = zeros())', []],
    ['x = 1\ny = dense(x, 3, b = zeros([3]))', []],
    [
      'x = 1\ny = dense(x, 3, W = adam())',
      [
        '2:21 name-unknown `adam` is an optimiser: it stands in `optimizer = ...` of a `train` block, not here.',
      ],
    ],
    ['data d = csv(iris)\ny = d[:, 0]', ['1:14 argument-value `path` is a text in quotes: `"iris"`.']],
    ['data d = csv("a", test = "b")\ny = d[:, 0]', []],
    [
      'data d = xor\ny = d[:, 0]',
      ['1:10 argument `xor` needs parentheses: `xor()`.'],
      'data d = xor()\ny = d[:, 0]',
    ],
    [
      'data d = mons()\ny = d[:, 0]',
      ['1:10 name-unknown There is no data source `mons`. Did you mean `moons`?'],
      'data d = moons()\ny = d[:, 0]',
    ],
    ['param W : [3] ~ he', ['1:17 argument `he` needs parentheses: `he()`.'], 'param W : [3] ~ he()'],
    [
      'param W : [3] ~ 0.5',
      [
        '1:17 argument-value After `~` stands an initialiser such as `xavier()`; a given start is written `param w = 0.5`.',
      ],
    ],
    [
      'param W : [3] ~ zeros([3])',
      ['1:17 argument After `~` the shape is known: `zeros()`.'],
      'param W : [3] ~ zeros()',
    ],
    [
      'param W : [3] ~ hee()',
      ['1:17 name-unknown There is no initialiser `hee`. Did you mean `he`?'],
      'param W : [3] ~ he()',
    ],
    [
      'param W : [3] ~ exp(1)',
      [
        '1:17 argument-value After `~` stands an initialiser such as `xavier()`; a given start is written `param w = exp(1)`.',
      ],
    ],
    ['param W : [3] ~ normal(0, 0.1, seed = 3)', []],
    ['y = l1() + l2()', []],
    ['y = arange(3) + arange(0, 3, step = 2)', []],
    [
      'fn f(a, b = 1) { return a + b }\ny = f(1, c = 2)',
      ['2:10 argument `f` has no argument `c`. It is `f(a, b)`.'],
    ],
    ['fn f(a, b = 1) { return a + b }\ny = f()', ['2:5 argument `f` needs `a`: `f(a, b)`.']],
    ['fn f(a) { return a }\ny = f(1, 2)', ['2:10 argument `f` takes one argument: `f(a)`.']],
    ['layer c = lstm(units = 8)\nx = 1\ny = c(x)', []],
    [
      'layer c = lstm(units = 8)\ny = c()',
      ['2:5 argument `c` needs `x`: `c(x, lengths = none, h0 = zeros, c0 = zeros, W = none, b = none)`.'],
    ],
    ['x = 1\ny = rnn(x, 3, h0 = zeros)', []],
    ['x = 1\ny = fillna(x, mean) + fillna(x, 0)', []],
    ['x = 1\ny = dropout(x, training = false)', []],
  ]);
});

describe('Keys of train and tune', () => {
  table([
    [
      'train 1 { optimiser = adam() }',
      ['1:11 key-unknown `train` has no key `optimiser`. Did you mean `optimizer`?'],
      'train 1 { optimizer = adam() }',
    ],
    [
      'train 1 { lr = 0.1 }',
      ['1:11 key-unknown `lr` is an argument of the optimiser: `optimizer = sgd(lr = 0.1)`.'],
    ],
    [
      'train 1 { optimizer = adam()\nbetas = [0, 1] }',
      ['2:1 key-unknown `betas` is an argument of the optimiser: `optimizer = adam(betas = ...)`.'],
    ],
    ['train 1 { batch = 3; batch = 4 }', ['1:22 key-duplicate `train` has the key `batch` twice: keep one.']],
    [
      'train 1 { epochs = 3; steps = 4 }',
      ['1:23 key-conflict `epochs` and `steps` both say how long to train: keep one.'],
    ],
    [
      'train 1 { optimizer = adam }',
      ['1:23 argument `adam` needs parentheses: `adam()`.'],
      'train 1 { optimizer = adam() }',
    ],
    [
      'train 1 { optimizer = adm() }',
      ['1:23 name-unknown There is no optimiser `adm`. Did you mean `adam`?'],
      'train 1 { optimizer = adam() }',
    ],
    [
      'train 1 { optimizer = relu(1) }',
      ['1:23 name-unknown `relu` is a function: it stands in expressions, not here.'],
    ],
    [
      'train 1 { optimizer = adam(learning = 3) }',
      [
        '1:28 argument `adam` has no argument `learning`. It is `adam(lr = 0.001, betas = [0.9, 0.999], eps = 1e-8, weight_decay = 0, amsgrad = false)`.',
      ],
    ],
    ['train 1 { batch = full; schedule = 1 / (1 + k) }', []],
    ['train 1 { schedule = cosine(100) }', []],
    ['train 1 { precision = 16 }', ['1:23 argument-value `precision` is `32` or `64`.']],
    [
      'train 1 { batch = "full" }',
      ['1:19 argument-value `batch` takes the word without quotes: `full`.'],
      'train 1 { batch = full }',
    ],
    [
      'train 1 { batch_size = 3 }',
      ['1:11 key-unknown `train` has no key `batch_size`. Did you mean `batch`?'],
      'train 1 { batch = 3 }',
    ],
    ['tune { lr = uniform(0, 1) }', []],
    ['h = 8\ny = h\ntune { h = choice(1, 2) }', []],
    [
      'tune { hh = choice(1, 2) }',
      [
        '1:8 key-unknown `tune` finds no `hh`: it varies top-level numbers, keys of `train`, and arguments of its optimiser and schedule.',
      ],
    ],
    [
      'batch = 3\ny = batch\ntune { batch = choice(1, 2) }',
      ['3:8 key-conflict `batch` means more than one thing that `tune` could vary: rename the number.'],
    ],
    ['tune { trials = 3; trials = 4 }', ['1:20 key-duplicate `tune` has the key `trials` twice: keep one.']],
    ['tune { search = rnd }', ['1:17 argument-value `search` is `random`, `grid` or `halving`.']],
    [
      'tune { lr = choice([1, 2]) }',
      ['1:20 argument `choice` takes its values one by one, without brackets: `choice(a, b)`.'],
      'tune { lr = choice(1, 2) }',
    ],
    [
      'optimizer f(rate = 1) (p, g) { return p - rate * g * step }\ntrain 1 { optimizer = f(rate = 3) }\ntune { rate = uniform(0, 1) }',
      [],
    ],
  ]);
});

describe('Places', () => {
  table([
    ['return 3', ['1:1 syntax `return` stands inside a `fn`, `layer` or `optimizer`.']],
    ['state v = 3', ['1:1 syntax `state` stands inside an `optimizer`.']],
    [
      'fn f(x) { param W = 1\nreturn W * x }\ny = f(1)',
      [
        '1:11 syntax A `fn` has no parameters of its own: make it a `layer`, or pass the parameter as an argument.',
      ],
    ],
    [
      'if 1 > 0 { input x : [3]\ny = x }',
      ['1:12 syntax `input` stands at the top of a file, not inside a block.'],
    ],
    [
      'for i in 0..3 { train 1 { } }',
      ['1:17 syntax `train` stands at the top of a file, not inside a block.'],
    ],
    [
      'fn f(x) { y = x\nz = y }\ny = f(1)',
      ['1:1 syntax The value is missing: `fn` ends with `return ...`.', '2:1 name-unused `z` is never used.'],
    ],
    [
      'ys[0] = 3',
      [
        '1:1 syntax Values never change: `ys[t] = ...` stands inside `for t in a..b`, where it collects the stack `ys`.',
      ],
    ],
    [
      'x = 1\ny = x.shape',
      ['2:7 syntax-python `.shape` is written `size(x, 0)` here.'],
      'x = 1\ny = size(x, 0)',
    ],
    [
      'w = 1\nloss = w\ng = w.grad',
      ['3:7 syntax-python `.grad` is written `grad(loss, w)` here.'],
      'w = 1\nloss = w\ng = grad(loss, w)',
    ],
    [
      'x = 1\ny = dense(x, 3).W',
      [
        "2:17 name-unknown A parameter is read from a name: bind the layer's value first, `h = ...`, then `h.W`.",
      ],
    ],
    ['x = 1\nfor t in 0..3 { ys[t] = x }\ny = sum(ys)', []],
  ]);
});
