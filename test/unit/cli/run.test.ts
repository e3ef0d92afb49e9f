import assert from 'node:assert/strict';
import { encodeSafetensors } from '../../../src/interop/safetensors';
import { Place } from './terminal';

interface RunJson {
  objective: string | null;
  nodes: Record<string, unknown>[];
  checks: { line: number; pass: boolean; deviation: number | string }[];
}

describe('nabla run', () => {
  const place = new Place({
    'ok.csv': 'a,b,label\n1,2,x\n3,4,y\n5,6,x\n',
    'model.nabla': [
      'data d = csv("ok.csv")',
      'input x : [N, 2] = d[:, 0:2]',
      'input y : [N] int = d["label"]',
      'h = dense(x, 2, act = tanh)',
      'h = h * 3',
      'loss = cross_entropy(h, y)',
      'side = sum(x)',
      'check grad(loss, h) ~= (softmax(h) - one_hot(y, 2)) / N',
      '',
    ].join('\n'),
    'unfed.nabla': 'input x : [N, 2]\nparam w : [2] = [1, 1]\nloss = mean(x @ w)\n',
    'x.json': '[[1, 2], [3, 4]]',
  });
  after(() => place.remove());

  async function json(...args: string[]): Promise<RunJson> {
    const { out, err } = await place.nabla('run', ...args, '--json');
    assert.equal(err, '');
    return JSON.parse(out) as RunJson;
  }

  it('gives every named node in source order, parameters by their path', async () => {
    const { objective, nodes, checks } = await json('model.nabla');
    assert.equal(objective, 'loss');
    const listed = nodes.map(({ name, version, op, line, dtype, shape }) => [
      name,
      version,
      op,
      line,
      dtype,
      shape,
    ]);
    assert.deepEqual(listed, [
      ['x', undefined, 'input', 2, 'float', [3, 2]],
      ['y', undefined, 'input', 3, 'int', [3]],
      ['h.W', undefined, 'parameter', 4, 'float', [2, 2]],
      ['h.b', undefined, 'parameter', 4, 'float', [2]],
      ['h', 1, 'tanh', 4, 'float', [3, 2]],
      ['h', undefined, 'mul', 5, 'float', [3, 2]],
      ['loss', undefined, 'cross_entropy', 6, 'float', []],
      ['side', undefined, 'sum', 7, 'float', []],
    ]);
    const keys = Object.keys(nodes[0]!);
    assert.deepEqual(keys, ['name', 'op', 'line', 'dtype', 'shape', 'value', 'grad']);
    assert.equal(checks.length, 1);
    assert.deepEqual([checks[0]!.line, checks[0]!.pass], [8, true]);
  });

  it('tells gradients that do not exist from those that are zero', async () => {
    const { nodes } = await json('model.nabla');
    const of = (name: string) => nodes.findLast(node => node.name === name)!;
    assert.deepEqual([of('y').grad, of('y').reached], [null, undefined]);
    assert.deepEqual([of('side').grad, of('side').reached], [0, false]);
    assert.deepEqual([of('loss').grad, of('loss').reached], [1, undefined]);
    assert.deepEqual(of('y').value, [0, 1, 0]);
  });

  it('has gradients null in a file without objective', async () => {
    place.write('ints.nabla', 'input i : [3] int = [1, 2, 3]\nj = i + i\n');
    const { objective, nodes } = await json('ints.nabla');
    assert.equal(objective, null);
    assert.deepEqual(
      nodes.map(node => [node.value, node.grad]),
      [
        [[1, 2, 3], null],
        [[2, 4, 6], null],
      ],
    );
  });

  it('writes numbers that read back bit for bit, and words for those that JSON lacks', async () => {
    place.write(
      'numbers.nabla',
      'a = 0.1 + 0.2\nb = [1 / 3, -0 * 1, 1e-320, 1.7976931348623157e308]\nc = [inf, -inf, nan]\nd = b > 0\nloss = a * 1\n',
    );
    const { out } = await place.nabla('run', 'numbers.nabla', '--json');
    const { nodes } = JSON.parse(out) as RunJson;
    assert.equal(nodes[0]!.value, 0.1 + 0.2);
    assert.deepEqual(nodes[1]!.value, [1 / 3, -0, 1e-320, Number.MAX_VALUE]);
    assert.ok(Object.is((nodes[1]!.value as number[])[1], -0), 'minus zero');
    assert.deepEqual(nodes[2]!.value, ['Infinity', '-Infinity', 'NaN']);
    assert.deepEqual(nodes[3]!.value, [true, false, true, true]);
  });

  it('adds unnamed nodes with --all', async () => {
    const named = await json('model.nabla');
    const all = await json('model.nabla', '--all');
    assert.ok(all.nodes.length > named.nodes.length);
    assert.deepEqual(
      all.nodes.filter(node => node.name !== null),
      named.nodes,
    );
    assert.ok(all.nodes.some(node => (node.inside as string[] | undefined)?.includes('cross_entropy')));
  });

  it('takes another objective', async () => {
    const { objective, nodes } = await json('model.nabla', '--grad-of', 'side');
    assert.equal(objective, 'side');
    assert.deepEqual(nodes[0]!.grad, [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  for (const [name, message] of [
    ['sidee', /no node of that name; did you mean side\?/],
    ['h', /it is \[N, 2\], and only a scalar float has gradients/],
    ['y', /only a scalar float/],
  ] as const) {
    it(`refuses --grad-of ${name}`, async () => {
      const { status, out, err } = await place.nabla('run', 'model.nabla', '--json', '--grad-of', name);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, message);
    });
  }

  it('draws other parameters for another seed, and the same for the same', async () => {
    const [a, b, c] = [
      await json('model.nabla', '--seed', '1'),
      await json('model.nabla', '--seed', '1'),
      await json('model.nabla', '--seed', '2'),
    ];
    assert.deepEqual(a, b);
    assert.notDeepEqual(a.nodes[2]!.value, c.nodes[2]!.value);
  });

  it('accepts both modes', async () => {
    assert.deepEqual(
      await json('model.nabla', '--mode', 'eval'),
      await json('model.nabla', '--mode', 'train'),
    );
  });

  it('takes values of inputs from files', async () => {
    const { nodes } = await json('unfed.nabla', '--feed', 'x=x.json');
    assert.deepEqual(nodes[0]!.value, [
      [1, 2],
      [3, 4],
    ]);
    assert.equal(nodes[2]!.value, 5);
  });

  it('feeds in place of the file', async () => {
    place.write('y.json', '[1, 0]');
    const { nodes } = await json('model.nabla', '--feed', 'x=x.json', '--feed', 'y=y.json');
    assert.deepEqual(nodes[1]!.value, [1, 0]);
    assert.deepEqual(nodes[0]!.shape, [2, 2]);
  });

  const feeds: readonly [args: string[], feed: string, message: RegExp][] = [
    [
      ['unfed.nabla'],
      '[[1, 2], [3]]',
      /feed\.json: the entry at \[1\] has 1 entries, where the first one has 2/,
    ],
    [['unfed.nabla'], '[[1, "a"]]', /the entry at \[0, 1\] is "a", not a number/],
    [['unfed.nabla'], '[[1, 2]', /feed\.json: not JSON/],
    [['unfed.nabla'], '[1,\n?]\n', /^[^\n]*feed\.json: not JSON[^\n]*\n$/],
    [
      ['unfed.nabla'],
      '[1, 2]',
      /unfed\.nabla:1:1: error\[data-value\]: input x is \[N, 2\], and its feed is \[2\]: the number of axes differs/,
    ],
    [['unfed.nabla'], '[[1, 2, 3]]', /input x is \[N, 2\], and its feed is \[1, 3\]: axis 1 must be 2/],
    [['model.nabla'], '[[1, 2]]', /input y has 3 rows from the file, and 1 rows are fed: feed y too/],
  ];
  for (const [args, feed, message] of feeds) {
    it(`refuses the feed ${feed} of ${args[0]}`, async () => {
      place.write('feed.json', feed);
      const { status, out, err } = await place.nabla('run', ...args, '--json', '--feed', 'x=feed.json');
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, message);
    });
  }

  it('calls a parameter one, also that of an instance first called inside a function', async () => {
    place.write(
      'inside.nabla',
      'layer cell = dense(units = 1)\nfn f(x) { return cell(x) }\ny = sum(f([[1, 2]]))\n',
    );
    const { out } = await place.nabla('run', 'inside.nabla', '--json');
    const { nodes } = JSON.parse(out) as { nodes: { name: string; op: string }[] };
    assert.equal(nodes.find(({ name }) => name === 'cell.W')?.op, 'parameter');
  });

  it('names the inputs when a feed is for none of them', async () => {
    const { status, err } = await place.nabla('run', 'unfed.nabla', '--feed', 'z=x.json');
    assert.equal(status, 1);
    assert.match(err, /no input z; its inputs are x/);
  });

  it('refuses fractions for an int input', async () => {
    place.write('int.nabla', 'input i : [2] int\nj = i * 2\n');
    place.write('feed.json', '[1, 1.5]');
    const { status, err } = await place.nabla('run', 'int.nabla', '--feed', 'i=feed.json');
    assert.equal(status, 1);
    assert.match(err, /the entry at \[1\] is 1\.5, and the input is int/);
  });

  it('says which input has no value', async () => {
    const { status, out, err } = await place.nabla('run', 'unfed.nabla', '--json');
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, /^unfed\.nabla:1:1: error\[data-value\]: input x has no value; .*--feed x=FILE\.json/);
  });

  it('prints everything and fails when a check fails', async () => {
    place.write(
      'check.nabla',
      'w = [1, 2, 3]\nloss = sum(w ** 2)\ncheck grad(loss, w) ~= [2, 4, 7]\ncheck loss ~= 14\n',
    );
    const { status, out, err } = await place.nabla('run', 'check.nabla', '--json');
    assert.equal(status, 1);
    const { checks } = JSON.parse(out) as RunJson;
    assert.deepEqual(checks, [
      { line: 3, pass: false, deviation: 1 / 7 },
      { line: 4, pass: true, deviation: 0 },
    ]);
    assert.match(err, /^check\.nabla:3:1: error\[check-failed\]: .*at \[2\]: left is 6, right is 7/);
  });

  it('shows a table to people', async () => {
    const { status, out, err } = await place.nabla('run', 'check.nabla');
    assert.equal(status, 1);
    assert.match(out, /^line {2}name {2}op\s+shape {2}value\s+gradient of loss$/m);
    assert.match(out, /^ {3}1 {2}w {5}constant {2}\[3\] {4}\[1, 2, 3\] {2}\[2, 4, 6\]$/m);
    assert.match(out, /^✗ line 3: /m);
    assert.match(out, /^✓ line 4: /m);
    assert.ok(!(out + err).includes('\u001b'), 'colours belong to terminals');
  });

  it('names the line of a failure while running', async () => {
    place.write(
      'label.nabla',
      'input s : [1, 3] = [[1, 2, 3]]\ninput y : [1] int = [5]\nloss = cross_entropy(s, y)\n',
    );
    const { status, out, err } = await place.nabla('run', 'label.nabla', '--json');
    assert.deepEqual([status, out], [1, '']);
    assert.match(
      err,
      /^label\.nabla:3:8: error\[run-error\]: class 5 is out of range: there are 3, from 0 to 2/,
    );
  });

  it('names the largest value of a model that needs too much memory', async () => {
    place.write('large.nabla', 'param w : [1000000, 1000000] ~ zeros()\nloss = sum(w)\n');
    for (const command of ['run', 'train', 'gradcheck']) {
      const { status, err } = await place.nabla(command, 'large.nabla');
      assert.equal(status, 1);
      assert.match(err, /^large\.nabla:1:1: error\[memory\]: the model needs .* \(w\)/m);
    }
  });

  it('names the value that would take operations without end', async () => {
    place.write('endless.nabla', 's = sum(zeros([900000, 900000]))\n');
    place.write('trained.nabla', 'param w = 1.0\nt = sum(w * ones([900000, 900000]))\n');
    const sentence =
      /^\w+\.nabla:\d:\d: error\[memory\]: the model takes 8\.1e11 operations for one value, more than 2\.0e11 \(.*\)\. Use smaller sizes$/m;
    const run = await place.nabla('run', 'endless.nabla');
    assert.equal(run.status, 1);
    assert.match(run.err, sentence);
    assert.match(run.err, /^endless\.nabla:1:5: .* \(s\)/m);
    const train = await place.nabla('train', 'trained.nabla', '--backend', 'js');
    assert.equal(train.status, 1);
    assert.match(train.err, sentence);
  });

  describe('--params', () => {
    const two = { shape: [2], data: Float64Array.of(0.1, 7) };

    it('takes parameters from a file, and warns of what is left over', async () => {
      place.write(
        'p.safetensors',
        encodeSafetensors(
          new Map([
            ['w', two],
            ['other', two],
          ]),
        ),
      );
      const { status, out, err } = await place.nabla(
        'run',
        'unfed.nabla',
        '--feed',
        'x=x.json',
        '--params',
        'p.safetensors',
        '--json',
      );
      assert.equal(status, 0);
      assert.match(err, /warning: not in the model: other/);
      assert.deepEqual((JSON.parse(out) as RunJson).nodes[1]!.value, [0.1, 7]);
    });

    for (const [name, content, message] of [
      [
        'another shape',
        encodeSafetensors(new Map([['w', { shape: [1, 2], data: two.data }]])),
        /w is \[1, 2\], and the model's is \[2\]/,
      ],
      ['a missing tensor', encodeSafetensors(new Map([['v', two]])), /no tensor w, .*the file holds v/],
      ['no safetensors at all', 'hello, I am some text', /p\.safetensors: the length of the header/],
    ] as const) {
      it(`refuses ${name}`, async () => {
        place.write('p.safetensors', content);
        const { status, out, err } = await place.nabla(
          'run',
          'unfed.nabla',
          '--feed',
          'x=x.json',
          '--params',
          'p.safetensors',
          '--json',
        );
        assert.deepEqual([status, out], [1, '']);
        assert.match(err, message);
      });
    }
  });
});
