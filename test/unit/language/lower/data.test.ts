import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Evaluated, findingsOf } from './models';

describe('data in a model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nabla-data-'));
  before(() => {
    writeFileSync(join(folder, 'd.csv'), 'a,b,kind\n1,10,x\n2,20,y\n3,30,x\n4,40,z\n');
    writeFileSync(join(folder, 'holes.csv'), 'a,b\n1,2\n2,\n3,6\n');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function values(expression: string, more = ''): Promise<number[]> {
    const model = await Evaluated.of(
      `data d = csv("d.csv")\ninput x : [N] = d["a"]\nout = ${expression}\n${more}`,
      folder,
    );
    return [...model.value('out').data];
  }

  const columns: readonly [expression: string, expected: readonly number[]][] = [
    ['d["b"]', [10, 20, 30, 40]],
    ['d[:, 1]', [10, 20, 30, 40]],
    ['d[:, 0:2]', [1, 10, 2, 20, 3, 30, 4, 40]],
    ['d[["b", "a"]]', [10, 1, 20, 2, 30, 3, 40, 4]],
    ['d["kind"]', [0, 1, 0, 2]],
    ['d["a"] / 2', [0.5, 1, 1.5, 2]],
    ['standardize(d["a"])', [-3, -1, 1, 3].map(v => v / Math.sqrt(5))],
    ['minmax(d["b"])', [0, 1 / 3, 2 / 3, 1]],
    ['standardize(d["a"] * 0 + 5)', [0, 0, 0, 0]],
    // Numbers written in the file are not cut with the rows of the data.
    ['standardize([1, 3])', [-1, 1]],
    ['minmax([5, 1, 2])', [1, 0, 0.25]],
    ['train_rows(d["a"])', [1, 2, 3, 4]],
    ['N', [4]],
    ['x * N', [4, 8, 12, 16]],
  ];
  for (const [expression, expected] of columns) {
    it(expression, async () => {
      const actual = await values(expression);
      assert.equal(actual.length, expected.length);
      actual.forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]!) < 1e-14, `${actual}`);
      });
    });
  }

  it('learns scales from the training rows alone', async () => {
    const cut = 'param w = 1\nloss = sum(w * x)\ntrain loss { split = [0.5, 0.25, 0.25]; batch = full }\n';
    const train = await values('train_rows(d["a"])', cut);
    const test = await values('test_rows(d["a"])', cut);
    const scaled = await values('minmax(d["a"])', cut);
    assert.deepEqual([train.length, test.length], [2, 1]);
    const [low, high] = [Math.min(...train), Math.max(...train)];
    assert.deepEqual(
      scaled,
      [1, 2, 3, 4].map(v => (v - low) / (high - low)),
    );
  });

  it('fills empty cells, with a warning that counts them', async () => {
    const text = 'data d = csv("holes.csv")\ninput x : [N] = fillna(d["b"], mean)\nloss = mean(x)\n';
    assert.deepEqual([...(await Evaluated.of(text, folder)).value('x').data], [2, 4, 6]);
    const found = await findingsOf(text, folder);
    assert.deepEqual(found.length, 1);
    assert.match(
      found[0]!,
      /^1:10 warning\[data-missing\] "holes\.csv": 1 empty cell read as NaN \("b": 1\)/,
    );
  });

  it('settles symbols that others use', async () => {
    const model = await Evaluated.of(
      'data d = csv("d.csv")\ninput x : [N, D] = d[:, 0:2]\nparam W : [D, D + 1] ~ ones()\nout = x @ W\nloss = sum(out)\n',
      folder,
    );
    assert.deepEqual(model.value('out').shape, [4, 3]);
  });

  const wrong: readonly [text: string, expected: RegExp][] = [
    ['x = d', /2:5 error\[dtype\] d is a table of data; choose columns, as in d\[:, 0:4\] or d\["column"\]/],
    [
      'input x : [N] = d["kinds"]',
      /2:19 error\[name-unknown\] There is no column "kinds"\. Did you mean "kind"\?/,
    ],
    ['x = d[:, 7]', /2:\d+ error\[(index|name-unknown)\]/],
    ['x = d[0:2, 0]', /2:5 error\[index\] choose columns of d for all rows/],
    [
      'input x : [N, 2] = d[:, 0:3]',
      /2:11 error\[shape-mismatch\] x is declared \[N, 2\], and `d\[:, 0:3\]` has shape \[4, 3\]: axis 1 must be 3/,
    ],
    [
      'input x : [N, 2 * M + 1] = d[:, 0:2]',
      /2:11 error\[shape-mismatch\] x is declared .*: M cannot be told from 2\*M \+ 1 = 2/,
    ],
    [
      'input x : [N, K + M] = d[:, 0:2]',
      /2:11 error\[shape-mismatch\] x is declared .*: [KM] and [KM] cannot be told from K \+ M = 2/,
    ],
    ['input x : [N] = d[:, 0:2]', /2:11 error\[shape-mismatch\] .*the number of axes differs/],
    [
      'input x : [N] = d["a"]\ninput y : [N] = [1, 2]',
      /3:11 error\[shape-mismatch\] y is declared \[N\], and `\[1, 2\]` has shape \[2\]: N is 4 on line 2/,
    ],
    [
      'input x : [N] = d["a"]\nparam w : [N] ~ zeros()',
      /3:1 error\[shape-unknown\] the shape of parameter w is \[N\]: N is the batch, which changes from step to step/,
    ],
  ];
  for (const [text, expected] of wrong) {
    it(`refuses ${text.replace('\n', '; ')}`, async () => {
      const found = (await findingsOf(`data d = csv("d.csv")\n${text}\n`, folder)).filter(each =>
        each.includes(' error['),
      );
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, expected);
    });
  }

  it('does not read what nothing uses', async () => {
    assert.deepEqual(await findingsOf('data d = csv("nowhere.csv")\nx = 1\n', folder), []);
  });

  it('fills empty cells with a number or the mean of the column', async () => {
    const value = async (expression: string): Promise<number[]> => {
      const model = await Evaluated.of(
        `data d = csv("holes.csv")\ninput x : [N] = ${expression}\nout = x\n`,
        folder,
      );
      return [...model.value('out').data];
    };
    assert.deepEqual(await value('fillna(d["b"])'), [2, 4, 6]);
    assert.deepEqual(await value('fillna(d["b"], mean)'), [2, 4, 6]);
    assert.deepEqual(await value('fillna(d["b"], -1)'), [2, -1, 6]);
    const both = await Evaluated.of(
      'data d = csv("holes.csv")\ninput x : [N, 2] = fillna(d[:, 0:2])\nout = x\n',
      folder,
    );
    assert.deepEqual([...both.value('out').data], [1, 2, 2, 4, 3, 6]);
  });

  it('leaves out rows with an empty cell', async () => {
    const text =
      'data raw = csv("holes.csv")\ndata d = dropna(raw)\ninput x : [N] int = d["b"]\nout = x + N\n';
    const model = await Evaluated.of(text, folder);
    assert.deepEqual([...model.value('out').data], [4, 8]);
    // The table that dropna rests on is not read by itself, so nothing warns of its empty cells.
    assert.deepEqual(await findingsOf(text, folder), []);
    const both = `${text}all = sum(fillna(raw["b"]))\n`;
    assert.match(
      (await findingsOf(both, folder)).join('\n'),
      /^1:12 warning\[data-missing\] "holes.csv": 1 empty cell/,
    );
  });

  it('says which table is meant', async () => {
    const wrong = async (source: string): Promise<string> =>
      (
        await findingsOf(
          `data a = csv("d.csv")\ndata b = ${source}\ninput x : [N] = b["a"]\nout = x\n`,
          folder,
        )
      ).join();
    assert.match(await wrong('dropna("d.csv")'), /2:17 error\[\w+(-\w+)?\]/);
    assert.match(await wrong('dropna(c)'), /2:17 error\[name-unknown\]/);
    assert.equal(await wrong('dropna(dropna(a))'), '');
  });

  it('has cells with a shape', async () => {
    writeFileSync(
      join(folder, 'v.jsonl'),
      '{"v": [[1, 2], [3, 4]], "w": 1}\n{"v": [[5, 6], [7, 8]], "w": 2}\n',
    );
    const text = 'data d = jsonl("v.jsonl")\ninput x : [N, 2, H] = d["v"]\nout = x[:, 1] + H\n';
    const model = await Evaluated.of(text, folder);
    assert.deepEqual(model.value('out').shape, [2, 2]);
    assert.deepEqual([...model.value('out').data], [5, 6, 9, 10]);
    assert.deepEqual(await findingsOf('data d = jsonl("v.jsonl")\nout = sum(d[:, 0:2])\n', folder), [
      '2:11 error[index] a cell of column "v" is [2, 2]; choose it alone, d["v"]',
    ]);
  });
});
