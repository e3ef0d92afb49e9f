import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Evaluated, findingsOf } from './models';

/** As `test/golden/generate_indexing.py` writes it. */
interface Golden {
  readonly shape: readonly number[];
  readonly index: string;
  readonly result: readonly number[];
  readonly data: readonly number[];
}

const file = join(__dirname, '../../../golden/indexing/cases.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly Golden[];

describe('indexing', () => {
  describe('as NumPy indexes', () => {
    for (const { shape, index, result, data } of cases) {
      it(`[${shape.join(', ')}] by [${index}]`, async () => {
        const count = shape.reduce((a, b) => a * b);
        const model = await Evaluated.of(
          `x = reshape(arange(${count}), [${shape.join(', ')}])\ny = x[${index}]\n`,
        );
        const y = model.value('y');
        assert.deepEqual(y.shape, result);
        assert.deepEqual([...y.data], data);
      });
    }
  });

  const wrong: readonly [text: string, expected: RegExp][] = [
    ['y = x[3]', /2:7 error\[index\] position 3 is outside an axis of size 3: they run from -3 to 2/],
    ['y = x[-4]', /2:7 error\[index\] position -4 is outside/],
    ['y = x[[0, 5]]', /2:7 error\[index\] position 5 is outside an axis of size 3/],
    ['y = x[0, 0]', /2:5 error\[(index|rank)\]/],
    ['y = x[0.5]', /2:7 error\[index\] `0\.5` is not/],
    ['y = x[x > 1]', /2:7 error\[index\] a mask cannot index; use where\(mask, a, b\)/],
    ['y = x[x]', /2:7 error\[index\] position/],
    ['y = x[::0]', /2:7 error\[index\]|2:9 error/],
    ['y = x[..., ...]', /2:5 error|2:7 error|2:12 error/],
  ];
  for (const [text, expected] of wrong) {
    it(`refuses ${text}`, async () => {
      const found = await findingsOf(`x = [1, 2, 3]\n${text}\n`);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, expected);
    });
  }

  it('takes positions that are computed, and checks them when running', async () => {
    const model = await Evaluated.of(
      'x = [10, 20, 30]\ni = argmax([1, 5, 2])\ny = x[i]\nz = x[argsort(x)]\n',
    );
    assert.deepEqual([...model.value('y').data], [20]);
    assert.deepEqual([...model.value('z').data], [10, 20, 30]);
    const late = await Evaluated.of('input i : [1] int = [7]\nx = [10, 20, 30]\ny = x[i]\n');
    assert.throws(() => late.value('y'), /position 7 is out of range: there are 3, from 0 to 2/);
  });

  it('leaves an open size to the run', async () => {
    const model = await Evaluated.of(
      'data d = linear(n = 5)\ninput x : [N] = d[:, 0]\ny = x[[0, 4]]\nz = x[-1]\n',
    );
    assert.deepEqual(model.value('y').shape, [2]);
    assert.equal(model.value('z').data[0], model.value('y').data[1]);
    const short = await Evaluated.of('data d = linear(n = 5)\ninput x : [N] = d[:, 0]\ny = x[[0, 5]]\n');
    assert.throws(() => short.value('y'), /position 5 is out of range: there are 5, from 0 to 4/);
  });

  it('adds up gradients of elements that are taken twice', async () => {
    const model = await Evaluated.of('x = [1, 2, 3]\nloss = sum(x[[0, 2, 0]] * [1, 10, 100])\n');
    assert.deepEqual([...model.gradient('x')!.data], [101, 0, 10]);
  });
});
