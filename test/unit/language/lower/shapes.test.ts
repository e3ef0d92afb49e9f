import assert from 'node:assert/strict';
import { Evaluated, findingsOf } from './models';

const head = 'input x : [N, 4]\nparam W : [3, 16] ~ xavier()\nparam b : [16] ~ zeros()\n';

/** What follows the head, and what is said of it: both operands, their shapes and lines. */
const cases: readonly [text: string, expected: string][] = [
  [
    'h = x @ W',
    '4:5 error[shape-mismatch] `x @ W`: x is [N, 4] (line 1) but W is [3, 16] (line 2): 4 and 3 must agree',
  ],
  [
    'h = x @ b',
    '4:5 error[shape-mismatch] `x @ b`: x is [N, 4] (line 1) but b is [16] (line 3): 4 and 16 must agree',
  ],
  [
    'h = W.T @ x',
    '4:5 error[shape-mismatch] `W.T @ x`: `W.T` is [16, 3] but x is [N, 4] (line 1): 3 and N must agree',
  ],
];

describe('shapes that do not fit', () => {
  for (const [text, expected] of cases.slice(0, 2)) {
    it(text, async () => {
      assert.deepEqual(await findingsOf(head + text), [expected]);
    });
  }

  it('are left to the run where a symbol may yet agree', async () => {
    assert.deepEqual(await findingsOf(`${head}h = W.T @ x\nloss = sum(h)\n`), [
      '3:1 warning[param-unreached] loss does not depend on b, so it would not train',
    ]);
  });

  it('count a parameter as reached by the loss of a later training', async () => {
    const text = `param a = 1\nparam b = 2\ntrain a ** 2 {}\ntrain b ** 2 {}\n`;
    assert.deepEqual(await findingsOf(text), []);
  });

  it('name the version of a rebound name', async () => {
    const [found] = await findingsOf('x = ones([2, 3])\nx = x.T\ny = x @ ones([3])\n');
    assert.equal(
      found,
      '3:5 error[shape-mismatch] `x @ ones([3])`: x is [3, 2] (line 2) but `ones([3])` is [3]: 2 and 3 must agree',
    );
  });

  it('are one error each, and what rests on them is silent', async () => {
    const found = await findingsOf('a = [1, 2] + [1, 2, 3]\nb = a * 2\nloss = sum(b)\nc = [1] @ [1, 2]\n');
    assert.deepEqual(
      found.map(each => each.split(' ').slice(0, 2).join(' ')),
      ['1:5 error[shape-mismatch]', '4:5 error[shape-mismatch]'],
    );
  });

  it('warn where a column meets a row inside a loss', async () => {
    const found = await findingsOf('input p : [N, 1]\ninput y : [N]\nloss = mse(p, y)\n');
    assert.equal(found.length, 1);
    assert.match(
      found[0]!,
      /^3:\d+ warning\[shape-broadcast\] `mse\(p, y\)`: p is \[N, 1\] \(line 1\) and y is \[N\] \(line 2\)/,
    );
  });

  it('are found in a check', async () => {
    const [found] = await findingsOf('check ones([2]) ~= ones([3])\n');
    assert.match(
      found!,
      /^1:1 error\[shape-mismatch\] both sides of a check have one shape: `ones\(\[2\]\)` is \[2\] but `ones\(\[3\]\)` is \[3\]/,
    );
  });
});

describe('symbols inside the size of an axis', () => {
  it('follow from the rows that the input is fed', async () => {
    const evaluated = await Evaluated.of(
      'input x : [N, 2 * M + 1] = [[1, 2, 3, 4, 5]]\nparam w : [M] ~ ones()\nm = sum(w) * M + sum(x)\n',
    );
    assert.equal(evaluated.value('m').data[0], 2 * 2 + 15);
  });
});

describe('positions that are no classes', () => {
  it('are an error in one_hot, which has no row for them', async () => {
    for (const labels of ['[0, 3]', '[-1, 0]', '[0.5, 1]']) {
      const evaluated = await Evaluated.of(`y = one_hot(${labels}, 3)\n`);
      assert.throws(
        () => evaluated.value('y'),
        /class (3|-1) is out of range|class 0.5 is not a whole number/,
      );
    }
  });
  it('are not looked for in what is a position anyway, which every executor runs', async () => {
    const { lowered } = await Evaluated.of(
      'y = one_hot(argmax([[1, 2]], axis = 1), 2)\ny = take([1, 2], argmax([3, 4]))\n',
    );
    assert.ok(!lowered.model.builder.graph.nodes.some(({ op }) => op === 'position'));
  });
  it('may count from the end in take, as in an index', async () => {
    const evaluated = await Evaluated.of('y = take([10, 20, 30], [-1, 0])\n');
    assert.deepEqual([...evaluated.value('y').data], [30, 10]);
  });
});

describe('a position that is none', () => {
  it('is told as what it is', async () => {
    const head = 'x = [1, 2, 3]\ny = ';
    assert.deepEqual(await findingsOf(`${head}x[0.5]\n`), ['2:7 error[index] `0.5` is not a whole number']);
    assert.deepEqual(await findingsOf(`${head}x[[0, 0.5]]\n`), [
      '2:7 error[index] `[0, 0.5]` is not a list of whole numbers',
    ]);
    assert.deepEqual(await findingsOf('y = 3\nz = y[0]\n'), [
      '2:5 error[rank] 1 position is given, and y is [] (line 1)',
    ]);
  });
});

describe('a tensor', () => {
  it('has at most eight axes', async () => {
    const most = '[1, 1, 1, 1, 1, 1, 1, 1]';
    const tooMany = '[1, 1, 1, 1, 1, 1, 1, 1, 1]';
    const inputs = (shape: string): string =>
      `y = ones(${shape})\nparam w : ${shape} ~ zeros()\nloss = sum(w)\n`;
    assert.deepEqual(await findingsOf(inputs(most)), []);
    const found = await findingsOf(inputs(tooMany));
    assert.match(found[0]!, /^1:5 error\[rank\] `ones\(\[1, .*` has 9 axes, and a tensor has at most 8/);
    assert.match(found[1]!, /^2:11 error\[rank\] this shape has 9 axes, and a tensor has at most 8/);
    const table = await findingsOf(`x = ones(${most})\nJ = jacobian(x * 2, x)\n`);
    assert.match(table.join(), /^2:5 error\[rank\] `jacobian\(x \* 2, x\)` has 16 axes/);
  });
});
