import assert from 'node:assert/strict';
import { jsonLines, Place } from './terminal';

const files: Readonly<Record<string, string | Uint8Array>> = {
  'ok.csv': 'a,b,label\n1,2,x\n3,4,y\n5,6,x\n',
  'ragged.csv': 'a,b\n1,2\n3\n',
  'word.csv': 'a,b\n1,2\n3,oops\n5,6\n7,8\n',
  'empty.csv': '',
};

/** Each a model, and the one line that is printed about it. */
const wrong: readonly [name: string, text: string | Uint8Array, expected: RegExp][] = [
  [
    'unknown file',
    'data d = csv("okk.csv")\ninput x : [N] = d["a"]\n',
    /:1:10: error\[data-file\]: "okk\.csv" .*does not exist\. Did you mean "ok\.csv"\?/,
  ],
  [
    'wrong column',
    'data d = csv("ok.csv")\ninput x : [N] = d["labe"]\n',
    /:2:19: error\[name-unknown\]: There is no column "labe"\. Did you mean "label"\?/,
  ],
  [
    'word among numbers',
    'data d = csv("word.csv")\ninput x : [N] = d["b"]\n',
    /:1:10: error\[data-format\]: "word\.csv", line 3: "oops" in column "b"/,
  ],
  [
    'ragged rows',
    'data d = csv("ragged.csv")\ninput x : [N] = d["b"]\n',
    /:1:10: error\[data-format\]: "ragged\.csv", line 3: 1 cell/,
  ],
  [
    'empty data',
    'data d = csv("empty.csv")\ninput x : [N] = d["b"]\n',
    /:1:10: error\[data-format\]: "empty\.csv" is empty/,
  ],
  [
    'fraction in an int input',
    'data d = csv("ok.csv")\ninput y : [N] int = d["a"] / 2\n',
    /:2:1: error\[data-value\]: input y is int, and row 1 holds 0\.5/,
  ],
  [
    'loss that is no scalar',
    'param w : [3] = [1, 2, 3]\nloss = w * 2\ntrain loss { steps = 3 }\n',
    /:3:7: error\[loss-not-scalar\]: `loss` has shape \[3\]/,
  ],
  [
    'shapes that differ',
    'data d = csv("ok.csv")\ninput x : [N, 2] = d[:, 0:2]\n\nparam W : [3, 16] ~ xavier()\nloss = mean(x @ W)\n',
    /:5:13: error\[shape-mismatch\]: `x @ W`: x is \[N, 2\] \(line 2\) but W is \[3, 16\] \(line 4\): 2 and 3 must agree/,
  ],
  [
    'no UTF-8',
    Uint8Array.of(0x77, 0x20, 0x3d, 0x20, 0xff),
    /:1:1: error\[text-encoding\]: .*not valid UTF-8/,
  ],
  ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x77, 0), /:1:1: error\[text-encoding\]: .*UTF-16/],
];

describe('nabla check', () => {
  const place = new Place(files);
  after(() => place.remove());

  for (const [name, text, expected] of wrong) {
    it(`finds ${name}`, async () => {
      place.write('model.nabla', text);
      const { status, out, err } = await place.nabla('check', 'model.nabla');
      assert.equal(err, '');
      assert.equal(status, 1);
      const errors = out.split('\n').filter(line => line.includes('error['));
      assert.equal(errors.length, 1, out);
      assert.match(errors[0]!, expected);
      assert.ok(out.startsWith('model.nabla:'), out);
    });
  }

  it('is silent about a right file', async () => {
    place.write('model.nabla', '\ufeffw = 2\r\nloss = w ** 2\r\n');
    assert.deepEqual(await place.nabla('check', 'model.nabla'), { status: 0, out: '', err: '' });
  });

  it('takes an input that is fed from outside for right', async () => {
    place.write('model.nabla', 'input x : [N]\nloss = mean(x)\n');
    assert.deepEqual(await place.nabla('check', 'model.nabla'), { status: 0, out: '', err: '' });
  });

  it('succeeds on warnings', async () => {
    place.write('model.nabla', 'param v = 1\nparam w = 1\nloss = w ** 2 + 0 * w\nunused = v\n');
    const { status, out } = await place.nabla('check', 'model.nabla');
    assert.equal(status, 0);
    assert.match(out, /model\.nabla:1:\d+: warning\[param-unreached\]: loss does not depend on v/);
  });

  it('looks at every file, and fails when one is wrong', async () => {
    place.write('a.nabla', 'x = 1 +\n');
    place.write('b.nabla', 'y = qq\n');
    const { status, out, err } = await place.nabla('check', 'a.nabla', 'missing.nabla', 'b.nabla');
    assert.equal(status, 1);
    assert.match(out, /^a\.nabla:1:/m);
    assert.match(out, /^b\.nabla:1:5: error\[name-unknown\]/m);
    assert.match(err, /missing\.nabla: there is no such file/);
  });

  it('prints an object a line with --json', async () => {
    place.write('model.nabla', 'ok = 1\nloss = 2 * θθ\n');
    const { status, out } = await place.nabla('check', 'model.nabla', '--json');
    assert.equal(status, 1);
    const error = jsonLines(out).find(each => each.severity === 'error')!;
    assert.deepEqual(Object.keys(error), [
      'file',
      'line',
      'column',
      'endLine',
      'endColumn',
      'severity',
      'code',
      'message',
    ]);
    const { message, ...place_ } = error;
    assert.deepEqual(place_, {
      file: 'model.nabla',
      line: 2,
      column: 12,
      endLine: 2,
      endColumn: 14,
      severity: 'error',
      code: 'name-unknown',
    });
    assert.equal(typeof message, 'string');
  });

  it('prints a hundred findings of a file and counts the rest', async () => {
    place.write('model.nabla', Array.from({ length: 130 }, (_, i) => `a${i} = missing${i} + 1\n`).join(''));
    const { out } = await place.nabla('check', 'model.nabla');
    const lines = out.trimEnd().split('\n');
    assert.equal(lines.length, 101);
    assert.match(lines[100]!, /^model\.nabla: and \d+ more$/);
  });
});
