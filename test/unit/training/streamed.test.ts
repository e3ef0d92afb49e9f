import assert from 'node:assert/strict';
import { join } from 'node:path';
import { splitRows } from '../../../src/data/split';
import { partSymbols } from '../../../src/library/preprocessing';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import { Evaluation } from '../../../src/training/evaluation';
import { initialParameters } from '../../../src/training/initial';
import { streamedValue } from '../../../src/training/inputValues';
import { modelOf } from './models';

const examples = join(__dirname, '../../../examples');
const golden = join(__dirname, '../../golden/data');

/** Whether each input of a file can be computed row by row. */
async function streams(text: string): Promise<boolean[]> {
  const { model, tables } = await modelOf(text, examples);
  const split = splitRows(60, { split: 0.5, seed: 0 });
  const sizes = { [partSymbols.train]: 30, [partSymbols.test]: 0 };
  const source = { tables, split, sizes, evaluate };
  return model.inputs.map(input => streamedValue(input, input.value!, source, 0) !== undefined);
}

/** The values of the inputs of a file, kept in full and computed row by row, for the same rows. */
async function compare(text: string, folder = examples): Promise<void> {
  const { model, tables } = await modelOf(text, folder);
  const cut = model.trainings[0] ?? { split: [0.6, 0.2, 0.2], seed: 3 };
  const [kept, streamed] = [Number.POSITIVE_INFINITY, 0].map(limit =>
    Dataset.build(model, tables, cut, evaluate, new Map(), limit),
  ) as [Dataset, Dataset];
  const last = kept.rows - 1;
  for (const rows of [undefined, Int32Array.of(last, 0, 2), kept.split.train]) {
    for (const { node, name } of model.inputs) {
      const [a, b] = [kept, streamed].map(dataset => dataset.tensor(node, rows)!) as [never, never];
      close(a, b, name);
      const buffer = new Float32Array((b as { data: { length: number } }).data.length);
      streamed.write(node, buffer, rows);
      assert.deepEqual(buffer, Float32Array.from((b as { data: ArrayLike<number> }).data));
    }
  }
  const parameters = initialParameters(model, 0, evaluate);
  const values = [kept, streamed].map(dataset =>
    new Evaluation(model, dataset, parameters, evaluate).values([model.objective!.node]),
  );
  close(values[0]![0] as never, values[1]![0] as never, 'objective');
}

function close(
  a: { dtype: string; shape: number[]; data: ArrayLike<number> },
  b: { dtype: string; shape: number[]; data: ArrayLike<number> },
  name: string,
): void {
  assert.deepEqual([b.dtype, b.shape], [a.dtype, a.shape], name);
  for (let i = 0; i < a.data.length; i++) {
    const [left, right] = [a.data[i]!, b.data[i]!];
    const difference = Object.is(left, right) ? 0 : Math.abs(left - right) / Math.max(1, Math.abs(left));
    assert.ok(difference < 1e-12, `${name}[${i}]: ${left} and ${right}`);
  }
}

const model = (x: string, shape: string, y = 'd["label"]'): string => `
data d = blobs(n = 60, features = 4, seed = 2)
input x : ${shape} = ${x}
input y : [N] int = ${y}
loss = sum(x) + sum(y)
`;

describe('inputs that are computed row by row', () => {
  for (const [x, shape] of [
    ['d[:, 0:4]', '[N, 4]'],
    ['d["x1"] / 255', '[N]'],
    ['standardize(d[:, 0:4])', '[N, 4]'],
    ['minmax(d[:, 0:4])', '[N, 4]'],
    ['standardize(log1p(abs(d[:, 0:4])))', '[N, 4]'],
    ['minmax(standardize(d[:, 0:4]))', '[N, 4]'],
    ['fillna(where(d[:, 0:4] > 0, d[:, 0:4], nan))', '[N, 4]'],
    ['fillna(d[:, 0:4], 3)', '[N, 4]'],
    ['d[:, 0:4] - mean(train_rows(d[:, 0:4]), axis = 0)', '[N, 4]'],
    ['reshape(d[:, 0:4], [60, 2, 2])', '[N, 2, 2]'],
    ['transpose(reshape(d[:, 0:4], [60, 2, 2]), [0, 2, 1])', '[N, 2, 2]'],
    ['concat(d[:, 0:2], standardize(d[:, 2:4]), axis = 1)', '[N, 4]'],
    ['d[:, 0:4][:, 1:3]', '[N, 2]'],
    ['softmax(d[:, 0:4])', '[N, 4]'],
    ['d[:, 0:4][:, [3, 1]]', '[N, 2]'],
    ['one_hot(d["label"], 3)', '[N, 3]'],
    // Not row by row: kept all the same.
    ['cumsum(d[:, 0:4], axis = 0)', '[N, 4]'],
    ['sort(d[:, 0:4], axis = 0)', '[N, 4]'],
  ] as const) {
    it(`are those of all rows: ${x}`, () => compare(model(x, shape)));
  }

  it('are so wherever a row needs no other row, or only reductions of all', async () => {
    const own = ['d[:, 0:4]', 'standardize(d[:, 0:4])', 'minmax(log1p(abs(d[:, 0:4])))', 'fillna(d[:, 0:4])'];
    own.push('d[:, [3, 2, 1, 0]]', 'one_hot(d["label"], 4)');
    for (const x of own) assert.deepEqual(await streams(model(x, '[N, 4]')), [true, true], x);
    assert.deepEqual(await streams(model('cumsum(d[:, 0:4], axis = 0)', '[N, 4]')), [false, true]);
  });

  it('convert and check their numbers as before', async () => {
    await compare(model('d[:, 0:4]', '[N, 4]', 'd["label"] + 1.0'));
    await assert.rejects(compare(model('d[:, 0:4]', '[N, 4]', 'd["label"] / 2')), {
      name: 'DataError',
      message: 'input y is int, and row 2 holds 0.5',
    });
    const { model: wrong, tables } = await modelOf(model('d[:, 0:4]', '[N, 4]', 'd["label"] / 2'));
    assert.throws(() => Dataset.build(wrong, tables, { split: 1, seed: 0 }, evaluate, new Map(), 0), {
      message: 'input y is int, and row 2 holds 0.5',
    });
  });

  it('serve real data, with test rows, pictures and models in evaluation', async () => {
    await compare(`
data digits = csv("data/digits.csv.gz")
input x : [N, 64] = digits[:, 0:64] / 16
input y : [N] int = digits["digit"]
h = dropout(dense(x, 8, act = relu), 0.2)
train cross_entropy(dense(h, 10), y) { batch = 32; epochs = 1; split = 0.8 }
`);
    await compare(
      `
data d = idx("images.idx3-ubyte", "labels.idx1-ubyte",
             test = idx("test-images.idx3-ubyte.gz", "test-labels.idx1-ubyte.gz"))
input x : [N, 1, 4, 3] = d["image"] / 255
input flat : [N, 12] = standardize(flatten(d["image"]))
input y : [N] int = d["label"]
loss = sum(x) + sum(flat) + sum(y)
`,
      golden,
    );
    await compare(
      'data d = images("pictures")\ninput x : [N, 3, 4, 6] = standardize(d["image"])\nloss = sum(x)\n',
      golden,
    );
  });
});
