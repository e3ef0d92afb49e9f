import assert from 'node:assert/strict';
import { encodeSafetensors } from '../../../src/interop/safetensors';
import { Place } from './terminal';

const flowers = `data d = csv("d.csv")
input x : [N, 2]  = standardize(d[["a", "b"]])
input y : [N] int = d["kind"]
param W : [2, 2] ~ zeros()
logits = dropout(x, p = 0.5) @ W
p      = softmax(logits)
check sum(p, axis = 1) ~= 1
loss   = cross_entropy(logits, y) + 0.1 * l2(W)
train loss { split = [0.6, 0.2, 0.2]; batch = 2 }
`;

const line = (loss: string): string => `data d = csv("line.csv")
input x : [N] = d["x"]
input y : [N]
param w = 2
pred = w * x
loss = ${loss}
`;

const weights = (name: string, shape: readonly number[], data: readonly number[]): Uint8Array =>
  encodeSafetensors(new Map([[name, { shape, data: Float64Array.from(data) }]]));

describe('nabla predict', () => {
  const place = new Place({
    'd.csv': 'a,b,kind\n0,1,rose\n2,1,"lily, white"\n0,3,rose\n2,3,"lily, white"\n1,2,rose\n',
    'flowers.nabla': flowers,
    'line.csv': 'x\n1\n2\n3\n',
    'line.nabla': line('mse(pred, y)'),
    'turned.nabla': line('mse(y, pred)'),
    'inline.nabla': line('mse(w * x + 1, y)'),
    'hand.nabla': line('mean((pred - y) ** 2)'),
    'two.nabla': line('mse(pred, y) + mae(2 * pred, y)'),
    'open.nabla': line('mse(pred, y)').replace(/^data.*\n(.*) = d.*/, '$1'),
    'branch.nabla': line('mse(pred, y)').replace('w * x', 'w * x if sum(x) > 0 else -w * x'),
    'W.safetensors': weights('W', [2, 2], [1, 0, 0, 1]),
    'w.safetensors': weights('w', [], [10]),
    'v.safetensors': weights('v', [], [10]),
    'vector.safetensors': weights('w', [1], [10]),
    'x.json': '[4, 5]',
    'minus.json': '[-4]',
    'scores.json': '[[3, -1]]',
  });
  after(() => place.remove());
  const trained = (file: string, ...more: string[]) =>
    place.nabla(
      'predict',
      file,
      '--params',
      file === 'flowers.nabla' ? 'W.safetensors' : 'w.safetensors',
      ...more,
    );

  it('prints what the loss takes from the model, with classes by name, for all rows and without dropout', async () => {
    const { status, out, err } = await trained('flowers.nabla');
    assert.deepEqual([status, err], [0, '']);
    const lines = out.split('\n');
    assert.match(lines[0]!, /^row {2}class +lily, white +rose$/);
    assert.equal(lines.length, 7);
    for (const [i, row] of lines.slice(1, 6).entries()) assert.match(row, new RegExp(`^ +${i + 1} {2}`));
    assert.match(lines[3]!, /rose/);
    assert.deepEqual(await trained('flowers.nabla'), { status, out, err });
  });

  it('prints JSON and CSV', async () => {
    const json = await trained('flowers.nabla', '--feed', 'x=scores.json', '--json');
    assert.deepEqual(json, { status: 0, out: '{"node":"logits","shape":[1,2],"value":[[3,-1]]}\n', err: '' });
    const csv = await trained('flowers.nabla', '--feed', 'x=scores.json', '--csv');
    assert.deepEqual(csv, { status: 0, out: '"lily, white",rose,class\n3,-1,"lily, white"\n', err: '' });
  });

  it('takes another node, with its classes where it has them', async () => {
    const csv = await trained('flowers.nabla', '--node', 'p', '--feed', 'x=scores.json', '--csv');
    assert.match(csv.out, /^"lily, white",rose,class\n0\.982\d+,0\.0179\d+,"lily, white"\n$/);
    const parameter = await trained('flowers.nabla', '--node', 'x', '--feed', 'x=scores.json', '--csv');
    assert.equal(parameter.out.split('\n')[0], '"lily, white",rose,class');
    const scalar = await trained('line.nabla', '--node', 'w', '--csv');
    assert.equal(scalar.out, 'w\n10\n');
  });

  it('needs no labels, and takes any number of rows', async () => {
    assert.equal((await trained('line.nabla', '--csv')).out, 'pred\n10\n20\n30\n');
    assert.equal((await trained('line.nabla', '--feed', 'x=x.json', '--csv')).out, 'pred\n40\n50\n');
    assert.equal(
      (await trained('open.nabla', '--feed', 'x=x.json')).out,
      'row  pred\n  1    40\n  2    50\n',
    );
    const { status, err } = await trained('open.nabla');
    assert.equal(status, 1);
    assert.match(err, /^open\.nabla:1:1: error\[data-value\]: input x has no value; .*--feed x=FILE\.json/);
  });

  it('finds the prediction on either side of the loss, and without a name', async () => {
    assert.equal((await trained('turned.nabla', '--csv')).out, 'pred\n10\n20\n30\n');
    assert.equal((await trained('inline.nabla', '--csv')).out, 'w * x + 1\n11\n21\n31\n');
  });

  it('follows the values of the rows at a condition', async () => {
    assert.equal((await trained('branch.nabla', '--feed', 'x=minus.json', '--csv')).out, 'pred\n40\n');
  });

  it('lists what might be meant when the loss does not tell', async () => {
    for (const file of ['hand.nabla', 'two.nabla']) {
      const { status, out, err } = await trained(file);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, /does not tell what the model predicts; name it with --node NAME: pred$/m);
      assert.equal((await trained(file, '--node', 'pred', '--csv')).out, 'pred\n10\n20\n30\n');
    }
  });

  const wrong: readonly [args: string[], message: RegExp][] = [
    [
      ['line.nabla', '--params', 'w.safetensors', '--node', 'perd'],
      /no node of that name; did you mean pred\?/,
    ],
    [
      ['line.nabla', '--params', 'v.safetensors'],
      /v\.safetensors: there is no tensor w, .* the file holds v/,
    ],
    [['line.nabla', '--params', 'vector.safetensors'], /w is \[1\], and the model's is \[\]/],
    [['line.nabla', '--params', 'none.safetensors'], /there is no such file/],
    [['line.nabla', '--params', 'w.safetensors', '--feed', 'z=x.json'], /the model has no input z/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { status, out, err } = await place.nabla('predict', ...args);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, message);
    });
  }

  it('takes any number of rows for inputs that are written out, unless the number is asked for elsewhere', async () => {
    const text = line('mse(pred, y)')
      .replace('d["x"]', '[1, 2, 3]')
      .replace('y : [N]', 'y : [N] = [2, 4, 6]');
    place.write('written.nabla', text.replace(/^data.*\n/, ''));
    assert.equal((await trained('written.nabla', '--csv')).out, 'pred\n10\n20\n30\n');
    assert.equal((await trained('written.nabla', '--feed', 'x=x.json', '--csv')).out, 'pred\n40\n50\n');
    const both = ['--feed', 'x=x.json', '--feed', 'y=x.json'];
    const run = await place.nabla('run', 'written.nabla', '--json', ...both);
    const { nodes } = JSON.parse(run.out) as { nodes: { name: string; value: unknown }[] };
    assert.deepEqual(nodes.find(({ name }) => name === 'pred')?.value, [8, 10]);
    const unfed = await place.nabla('run', 'written.nabla', '--feed', 'x=x.json');
    assert.equal(unfed.status, 1);
    assert.match(unfed.err, /input y has no value/);
    const training = await place.nabla('train', 'written.nabla', '--steps', '3', ...both);
    assert.deepEqual([training.status, training.err], [0, '']);

    place.write('fixed.nabla', `${text.replace(/^data.*\n/, '')}param v : [N] ~ zeros()\nz = v * x\n`);
    const fixed = await place.nabla('run', 'fixed.nabla', ...both);
    assert.match(fixed.err, /axis 0 must be 3/);
  });

  describe('of rows that are like the data of the file', () => {
    const rows = (text: string): string => {
      place.write('rows.csv', text);
      return 'rows.csv';
    };
    const scores = async (...options: string[]) => {
      const { status, out, err } = await trained('flowers.nabla', '--json', ...options);
      assert.deepEqual([status, err], [0, '']);
      return (JSON.parse(out) as { value: number[][] }).value;
    };
    const close = (actual: number[][], expected: number[][]): void => {
      assert.equal(actual.length, expected.length);
      for (const [i, row] of actual.entries()) {
        for (const [j, value] of row.entries()) assert.ok(Math.abs(value - expected[i]![j]!) < 1e-12);
      }
    };

    it('standardises them as the training rows were, whatever columns stand where, without labels', async () => {
      const own = await scores();
      close(await scores('--data', rows('b,note,a\n1,x,2\n3,y,0\n')), [own[1]!, own[2]!]);
      // A single row has no spread of its own.
      close(await scores('--data', `d=${rows('a,b\n2,3\n')}`), [own[3]!]);
    });

    it('takes other formats by the name of the file', async () => {
      place.write('rows.jsonl', '{"a": 2, "b": 1}\n{"a": 0, "b": 3}\n');
      const own = await scores();
      close(await scores('--data', 'rows.jsonl'), [own[1]!, own[2]!]);
    });

    it('gives classes the numbers they have in the file', async () => {
      const text = flowers.replace(
        'x : [N, 2]  = standardize(d[["a", "b"]])',
        'x : [N, 2]  = one_hot(d["kind"], 2)',
      );
      place.write('kinds.nabla', text);
      const predict = (file: string) =>
        place.nabla('predict', 'kinds.nabla', '--params', 'W.safetensors', '--csv', '--data', file);
      const { out } = await predict(rows('kind\nrose\nrose\n'));
      assert.equal(out, '"lily, white",rose,class\n0,1,rose\n0,1,rose\n');
      const { status, err } = await predict(rows('kind\nrose\ntulip\n'));
      assert.equal(status, 1);
      assert.match(err, /Column "kind" holds "tulip", which the data of the model does not have there/);
    });

    it('says which column is missing or does not fit, and what else is wrong', async () => {
      const wrong = async (expected: RegExp, ...options: string[]): Promise<void> => {
        const { status, out, err } = await trained('flowers.nabla', ...options);
        assert.ok(status === 1 || status === 2, err);
        assert.equal(out, '');
        assert.match(err, expected);
      };
      await wrong(/There is no column "b"\. The columns are "a", "c"/, '--data', rows('a,c\n1,2\n'));
      await wrong(
        /Column "a" holds texts, and the data of the model numbers there/,
        '--data',
        rows('a,b\nx,2\n'),
      );
      await wrong(/"a", row 1 is 1\.5, and an int has no fraction/, '--data', rows('a,b\n1.5,2\n'));
      await wrong(/--data nowhere\.csv: there is no such file/, '--data', 'nowhere.csv');
      await wrong(/the model reads no data e; it reads d/, '--data', `e=${rows('a,b\n1,2\n')}`);
      await wrong(/--data is \[NAME=\]FILE/, '--data', 'd=');
    });

    it('is refused where a row of the input rests on others', async () => {
      place.write('turned.csv', 'x\n1\n2\n3\n');
      place.write('sum.nabla', line('mse(pred, y)').replace('d["x"]', 'cumsum(d["x"])'));
      const { status, err } = await trained('sum.nabla', '--data', 'turned.csv');
      assert.equal(status, 1);
      assert.match(err, /a row of input x rests on other rows too; feed its value, with --feed x=FILE\.json/);
    });
  });
});
