import assert from 'node:assert/strict';
import { Evaluated, findingsOf, lowered } from './models';

describe('the objective', () => {
  const cases: readonly [name: string, text: string, expected: string | undefined][] = [
    [
      'is the loss of the first train block',
      'param w = 1\nloss = w * 2\na = w * 3\nb = w * 4\ntrain a { steps = 1 }\ntrain b { steps = 1 }\n',
      'a',
    ],
    ['may be an expression there', 'param w = 1\nloss = w\ntrain w ** 2 + 1 { steps = 1 }\n', 'w ** 2 + 1'],
    ['else is the node named loss', 'param w = 1\nloss = w * 2\nlater = w * 3\n', 'loss'],
    ['in its last version', 'param w = 1\nloss = w * 2\nloss = loss + 1\n', 'loss'],
    ['else the last scalar that depends on a parameter', 'param w = 1\na = w * 2\nb = 3 * 2\n', 'a'],
    ['else the last scalar', 'a = 1\nb = a * 2\nc = [1, 2]\nd = argmax(c)\n', 'b'],
    ['never a loss that is no scalar', 'param w : [2] ~ ones()\nloss = w * 2\ntotal = sum(loss)\n', 'total'],
    ['is absent without a scalar float', 'input i : [2] int = [1, 2]\nj = i * 2\n', undefined],
  ];
  for (const [name, text, expected] of cases) {
    it(name, async () => {
      assert.equal((await lowered(text)).model.objective?.text, expected);
    });
  }
});

describe('names', () => {
  const paths = async (text: string): Promise<string[]> =>
    (await lowered(text)).model.parameters.map(({ path }) => path);

  it('of parameters are paths', async () => {
    const text =
      'param V : [2] ~ ones()\nh = dense([[1, 2]], 3)\nk = dense(h, 2) + dense(h, 2)\nh = dense(h, 2)\nm = dense(dense(h, 3), 2)\n';
    assert.deepEqual(await paths(text), [
      'V',
      ...['h.W', 'h.b', 'k.dense1.W', 'k.dense1.b', 'k.dense2.W', 'k.dense2.b', 'h.2.W', 'h.2.b'],
      // Written from left to right, made from the inside out.
      ...['m.dense2.W', 'm.dense2.b', 'm.dense1.W', 'm.dense1.b'],
    ]);
  });

  it('leave out what a layer is given', async () => {
    assert.deepEqual(await paths('W = ones([2, 3])\nh = dense([[1, 2]], 3, W = W, b = he())\n'), ['h.b']);
    assert.deepEqual(await paths('h = dense([[1, 2]], 3, bias = false)\n'), ['h.W']);
  });

  it('of bound names count their versions', async () => {
    const { model } = await lowered('h = 1\nh = h + 1\nk = h\nh = h * 2\n');
    assert.deepEqual(
      model.names.map(({ name, version }) => [name, version]),
      [
        ['h', 1],
        ['h', 2],
        ['k', undefined],
        ['h', undefined],
      ],
    );
  });

  it('keep two names of one expression two nodes', async () => {
    const model = await Evaluated.of('x = 3\na = x * 2\nb = x * 2\nc = a\nloss = a + b * 10 + c * 100\n');
    assert.deepEqual(
      ['a', 'b', 'c'].map(name => model.gradient(name)!.data[0]),
      [101, 10, 100],
    );
  });

  it('read the parameters of the layer bound last, even after rebinding', async () => {
    const model = await Evaluated.of('h = dense([[1, 2]], 3)\nh = h * 2\ns = l2(h.W)\nt = sum(h.W ** 2)\n');
    assert.deepEqual(model.value('s').data, model.value('t').data);
  });

  it('know what a layer owns', async () => {
    const [found] = await findingsOf('h = dense([[1, 2]], 3)\ny = h.V\n');
    assert.match(found!, /2:7 error\[name-unknown\] h has no parameter V; it has h\.W, h\.b/);
    assert.match(
      (await findingsOf('h = 3\ny = h.V\n'))[0]!,
      /h owns no parameters; only a name bound to a layer/,
    );
  });

  it('are all meant by l1() and l2()', async () => {
    const model = await Evaluated.of('param v : [2] = [1, -2]\nparam w = -3\na = l1()\nb = l2()\n');
    assert.deepEqual([model.value('a').data[0], model.value('b').data[0]], [6, 14]);
  });
});

describe('gradients in the text', () => {
  it('are of the version in scope', async () => {
    const text = 'x = [1, 2]\ny = sum(x ** 2)\ng = grad(y, x)\nx = x * 2\nh = grad(y, x)\n';
    const model = await Evaluated.of(text);
    assert.deepEqual([...model.value('g').data, ...model.value('h').data], [2, 4, 0, 0]);
    const found = await findingsOf(text);
    assert.equal(found.length, 1);
    assert.match(
      found[0]!,
      /^5:5 warning\[gradient-unreached\] .*bound anew after the value on line 1 was used/,
    );
  });

  it('nest', async () => {
    const model = await Evaluated.of(
      'x = 2\ng = grad(grad(grad(x ** 4, x), x), x)\nloss = x ** 4\na = grad(grad(grad(loss, x), x), x)\n',
    );
    assert.equal(model.value('a').data[0], 48);
  });

  it('refuse what has none', async () => {
    for (const [text, expected] of [
      ['g = grad([1, 2] * 2, 3)', /error\[loss-not-scalar\] .*grad takes a scalar/],
      ['i = argmax([1, 2])\ng = grad(1.0 * i, i)', /error\[dtype\] `i` is int; only floats have derivatives/],
      ['w = 1\ng = numeric_grad(w, w, h = 0)', /error\[argument-value\] h is a number above 0/],
    ] as const) {
      const [found] = await findingsOf(`${text}\n`);
      assert.match(found!, expected);
    }
  });

  it('agree with differences', async () => {
    const model = await Evaluated.of(
      'param w : [3] = [0.5, -1, 2]\nloss = sum(tanh(w) * w)\ncheck numeric_grad(loss, w) ~= grad(loss, w)\ncheck numeric_grad(loss, w, h = 1e-7, scheme = forward) ~= grad(loss, w) (tol = 1e-5)\ncheck jvp(w ** 2, w, [1, 0, 0]) ~= [2 * w[0], 0, 0]\ncheck vjp(w ** 2, w, ones([3])) ~= 2 * w\n',
    );
    assert.deepEqual(
      model.checks().map(({ pass }) => pass),
      [true, true, true, true],
    );
  });
});

describe('checks', () => {
  const cases: readonly [text: string, pass: boolean][] = [
    ['1 ~= 1 + 1e-7', true],
    ['1 ~= 1 + 1e-5', false],
    ['1 ~= 1 + 1e-5 (tol = 1e-4)', true],
    ['0 ~= 1e-15', true],
    ['1000 * [1, 1] ~= [1000, 1000.0005]', true],
    ['3 ~= [3, 3]', true],
    ['3 ~= [3, 4]', false],
    ['nan ~= nan', false],
    ['inf ~= inf', true],
    ['inf ~= -inf', false],
    ['inf ~= 5', false],
    ['argmax([1, 2]) ~= 1', true],
    ['int(100000000) ~= int(100000001)', false],
    ['true ~= (1 < 2)', true],
  ];
  for (const [text, pass] of cases) {
    it(`${text} ${pass ? 'holds' : 'fails'}`, async () => {
      const [outcome] = (await Evaluated.of(`check ${text}\n`)).checks();
      assert.equal(outcome!.pass, pass);
    });
  }
});

describe('a train block', () => {
  const block = (keys: string, loss = 'loss') =>
    `param w = 1\nloss = w ** 2\nvector = [w, w]\ntrain ${loss} { ${keys} }\n`;

  it('has the defaults of the contract', async () => {
    const [training] = (await lowered(block(''))).model.trainings;
    const { span: _, objective: __, parameters: ___, optimizer, ...rest } = training!;
    assert.equal(optimizer.name, 'sgd');
    const settings = { lr: 0.01, momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 };
    assert.deepEqual(optimizer.settings, settings);
    assert.deepEqual(rest, {
      batch: 32,
      split: 1,
      shuffle: true,
      seed: 0,
      dropLast: false,
      metrics: [],
      precision: 32,
    });
  });

  it('reads every key', async () => {
    const keys =
      'optimizer = adam(0.1, betas = [0.8, 0.9], amsgrad = true); batch = full; epochs = 3; split = [0.5, 0.5]; shuffle = false; seed = 7; drop_last = true; clip_norm = 1; clip_value = 2; metrics = [w, abs(w), abs(-w)]; params = [w]; precision = 64';
    const [training] = (await lowered(block(keys))).model.trainings;
    const {
      batch,
      epochs,
      split,
      shuffle,
      seed,
      dropLast,
      clipNorm,
      clipValue,
      precision,
      metrics,
      optimizer,
    } = training!;
    assert.deepEqual(
      [batch, epochs, split, shuffle, seed, dropLast, clipNorm, clipValue, precision],
      ['full', 3, [0.5, 0.5], false, 7, true, 1, 2, 64],
    );
    assert.deepEqual(
      metrics.map(({ key }) => key),
      ['w', 'abs', 'abs_2'],
    );
    assert.deepEqual(optimizer.settings, {
      lr: 0.1,
      betas: [0.8, 0.9],
      eps: 1e-8,
      weight_decay: 0,
      amsgrad: true,
    });
  });

  const wrong: readonly [keys: string, expected: RegExp, loss?: string][] = [
    [
      '',
      /4:7 error\[loss-not-scalar\] `vector` has shape \[2\]; a loss is a scalar, such as mean\(vector\)/,
      'vector',
    ],
    ['optimzer = sgd()', /error\[key-unknown\] `train` has no key `optimzer`\. Did you mean `optimizer`\?/],
    ['batch = 0', /error\[argument-value\] batch is a whole number from 1/],
    ['batch = 1.5', /error\[argument-value\]/],
    ['epochs = 1; steps = 2', /error\[key-conflict\]/],
    ['precision = 16', /error\[argument-value\]/],
    ['clip_norm = 0', /error\[argument-value\] clip_norm is a number above 0/],
    ['split = 2', /error\[argument-value\] a share of the rows is a number from 0 to 1/],
    ['optimizer = sgdd()', /error\[name-unknown\] There is no optimiser `sgdd`\. Did you mean `sgd`\?/],
    ['optimizer = sgd(lr = -1)', /error\[argument-value\] lr is a number from 0/],
    ['optimizer = sgd(nesterov = true)', /error\[train-config\]/],
    ['params = [loss]', /error\[argument-value\] `loss` is not a parameter of this file/],
    ['metrics = [vector]', /error\[argument-value\] `vector` has shape \[2\]; a metric is a scalar/],
  ];
  for (const [keys, expected, loss] of wrong) {
    it(`refuses ${loss ?? ''} { ${keys} }`, async () => {
      const found = (await findingsOf(block(keys, loss))).filter(each => each.includes(' error['));
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, expected);
    });
  }

  it('refuses a file without parameters', async () => {
    assert.match(
      (await findingsOf('loss = 1\ntrain loss { steps = 1 }\n'))[0]!,
      /error\[train-config\] there is no parameter to train/,
    );
  });

  it('holds its batch against the rows, when it was written', async () => {
    const rows = (keys: string) =>
      findingsOf(
        `data d = linear(n = 10)\ninput x : [N] = d[:, 0]\nparam w = 1\nloss = mean(w * x)\ntrain loss { ${keys} }\n`,
      );
    assert.deepEqual(await rows('epochs = 1'), []);
    assert.match(
      (await rows('batch = 20'))[0]!,
      /^5:14 warning\[train-config\] batch is 20, and 10 rows train/,
    );
    assert.match((await rows('split = 0.01'))[0]!, /error\[train-config\] .*leaves no training row/);
  });
});
