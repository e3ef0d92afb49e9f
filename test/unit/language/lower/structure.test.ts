import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Evaluated, findingsOf, lowered } from './models';

async function holds(text: string, folder?: string): Promise<void> {
  assert.deepEqual(await findingsOf(text, folder), []);
  const evaluated = await Evaluated.of(text, folder);
  const outcomes = evaluated.checks();
  assert.ok(outcomes.length > 0, 'there is nothing to check');
  for (const { pass, deviation, check } of outcomes) {
    assert.ok(pass, `line ${evaluated.lowered.source.line(check.span.start)} deviates by ${deviation}`);
  }
}

const paths = async (text: string): Promise<string[]> =>
  (await lowered(text)).model.parameters.map(({ path }) => path);

describe('fn', () => {
  it('is inlined, with defaults and named arguments', () =>
    holds('fn f(a, b = 1) { return a * a + b }\ncheck f(3) ~= 10\ncheck f(b = 2, a = 3) ~= 11\n'));
  it('sees the names above its definition, not those below', () =>
    holds('k = 2\nfn f(x) { return k * x }\nk = 5\ncheck f(3) ~= 6\n'));
  it('may be called above its definition by another function', () =>
    holds('fn f(x) { return g(x) + 1 }\nfn g(x) { return 2 * x }\ncheck f(3) ~= 7\n'));
  it('may call itself when the recursion ends at known values', () =>
    holds('fn fact(n) { if n <= 1 { return 1 } else { return n * fact(n - 1) } }\ncheck fact(6) ~= 720\n'));
  it('takes functions as arguments', () =>
    holds(
      'fn twice(f, x) { return f(f(x)) }\nfn g(x) { return x + 1 }\ncheck twice(g, 1) ~= 3\ncheck twice(tanh, 1) ~= tanh(tanh(1))\n',
    ));
  it('may serve as an activation', () =>
    holds(
      'fn swish(x) { return x * sigmoid(x) }\nx = [[1, 2]]\nh = dense(x, 3, act = swish)\nz = x @ h.W + h.b\ncheck h ~= z * sigmoid(z)\n',
    ));
  it('is differentiated through', () =>
    holds('fn cube(x) { return x ** 3 }\nparam w = 2\nloss = cube(w)\ncheck grad(loss, w) ~= 12\n'));
  it('without a return is told once', async () => {
    const never = await findingsOf('fn f(x) { y = x }\nz = f(1)\n');
    assert.deepEqual(
      never.filter(finding => finding.includes('error')),
      ['1:1 error[syntax] The value is missing: `fn` ends with `return ...`.'],
    );
    const sometimes = await findingsOf('fn f(x) { if x > 5 { return x } }\nz = f(1)\n');
    assert.deepEqual(sometimes, ['1:4 error[syntax] f ends without a return']);
  });
  it('that never ends is an error', async () => {
    const [finding] = await findingsOf('fn f(x) { return f(x + 1) }\ny = f(1)\n');
    assert.match(finding!, /^2:\d+ error\[argument\] .*(calls itself more than 1000 times|go too deep)/);
  });
  it('owns no parameters', async () => {
    const [finding] = await findingsOf('fn f(x) { return dense(x, 2) }\ny = f([[1, 2]])\n');
    assert.match(finding!, /fn f owns no parameters; write it as a layer/);
  });
  it('is one group of the graph a call', async () => {
    const { model } = await lowered('fn f(x) { return x * 2 + 1 }\nparam w = 1\nloss = f(w) + f(w)\n');
    const groups = new Set(
      model.builder.graph.nodes.map(node => node.provenance.group).filter(group => group?.label === 'f'),
    );
    assert.equal(groups.size, 2);
  });
});

describe('layer', () => {
  const block =
    'layer block(x, units) {\n  h = dense(x, units, act = tanh)\n  param scale : [units] ~ ones()\n  return h * scale\n}\n';
  it('owns a fresh set of parameters a call, named after the binding', async () => {
    assert.deepEqual(await paths(`${block}a = block([[1, 2]], 3)\nb = block(a, 2)\n`), [
      ...['a.h.W', 'a.h.b', 'a.scale'],
      ...['b.h.W', 'b.h.b', 'b.scale'],
    ]);
  });
  it('owns one a turn of a loop', async () => {
    assert.deepEqual(await paths(`${block}h = [[1, 2]]\nfor i in 0..2 { h = block(h, 2) }\n`), [
      ...['h.0.h.W', 'h.0.h.b', 'h.0.scale'],
      ...['h.1.h.W', 'h.1.h.b', 'h.1.scale'],
    ]);
  });
  it('is read by the name bound', () =>
    holds(`${block}a = block([[1, 2]], 3)\ncheck a.scale ~= ones([3])\ncheck sum(a.h.b) ~= 0\n`));
  it('that calls itself is an error', async () => {
    const [finding] = await findingsOf('layer f(x) { h = f(x)\n  return h }\ny = f([[1]])\n');
    assert.match(finding!, /layer f calls itself/);
  });
});

describe('a layer instance', () => {
  it('shares its parameters between calls', async () => {
    const text =
      'layer cell = dense(units = 2)\na = cell([[1, 2]])\nb = cell(a)\ncheck b ~= a @ cell.W + cell.b\n';
    await holds(text);
    assert.deepEqual(await paths(text), ['cell.W', 'cell.b']);
  });
  it('may be one of the file, whose body shares them too', async () => {
    const text =
      'layer two(x, units) { h = dense(x, units)\n  return dense(h, units) }\nlayer cell = two(units = 2)\na = cell([[1, 2]])\nb = cell(a)\nloss = sum(b)\n';
    assert.equal((await paths(text)).length, 4);
  });
  it('owns its parameters inside a fn and as an argument of one', async () => {
    const text =
      'layer cell = dense(units = 2)\nfn twice(f, x) { return cell(f(x)) }\ny = twice(cell, [[1, 2]])\ncheck y ~= cell(cell([[1, 2]]))\n';
    await holds(text);
    assert.deepEqual(await paths(text), ['cell.W', 'cell.b']);
  });
  it('is what a `while` calls, also for the first time', async () => {
    const text =
      'layer cell = dense(units = 2)\nx = [[1, 2]]\nn = 0\nwhile n < 2 { x = cell(x); n = n + 1 }\nloss = sum(x)\ncheck x ~= cell(cell([[1, 2]]))\n';
    await holds(text);
    assert.deepEqual(await paths(text), ['cell.W', 'cell.b']);
  });
  it('refuses an input of another width', async () => {
    const [finding] = await findingsOf('layer cell = dense(units = 3)\na = cell([[1, 2]])\nb = cell(a)\n');
    assert.match(
      finding!,
      /parameter cell\.W is \[2, 3\] since its first call, and this call needs \[3, 3\]/,
    );
  });
});

describe('loops', () => {
  it('count, and leave their last values', () =>
    holds('s = 0\nfor i in 0..5 { s = s + i }\ncheck s ~= 10\n'));
  it('run over the first axis', () =>
    holds('s = 0\nfor v in [[1, 2], [3, 4]] { s = s + v[0] * v[1] }\ncheck s ~= 14\n'));
  it('collect a stack', () =>
    holds('for t in 1..4 { ys[t] = [t, t * t] }\ncheck ys ~= [[1, 1], [2, 4], [3, 9]]\n'));
  it('are differentiated turn by turn', () =>
    holds('param w = 2\np = 1\nfor i in 0..4 { p = p * w }\nloss = p\ncheck grad(loss, w) ~= 32\n'));
  it('over the batch point to another axis', async () => {
    const [finding] = await findingsOf('input x : [N, 3]\ns = 0\nfor v in x { s = s + sum(v) }\n');
    assert.match(
      finding!,
      /is N, which is not known before running; loop over another axis, as in `for t in 0\.\.T` with `x\[:, t\]`/,
    );
  });
  it('with a missing turn of what they collect are an error', async () => {
    const findings = await findingsOf('for t in 0..3 { if t > 0 { ys[t] = t } }\nz = sum(ys)\n');
    assert.match(findings.join(), /ys\[0\] is not set in its turn/);
  });
});

describe('branches', () => {
  it('on known values lower only the branch taken', () =>
    holds('n = 3\nif n > 2 { y = 1 } else { y = [1, 2] @ [3] }\ncheck y ~= 1\n'));
  it('as an expression', () => holds('n = 3\ny = 1 if n > 5 else 2\ncheck y ~= 2\n'));
  it('on values are conditions of the path', async () => {
    const { model } = await lowered(
      'param w = 2\ny = w * 2\nif y > 3 { z = y * 3 } else { z = y * 5 }\nloss = z\n',
    );
    assert.deepEqual(
      model.conditions.map(({ kind, holds: taken }) => [kind, taken]),
      [['if', false]],
    );
  });
  it('not taken are checked and own their parameters', async () => {
    const text =
      'param w = 2\nif w > 3 { h = dense([[1, 2]], 2) } else { h = dense([[1, 2]], 2) }\nloss = sum(h)\n';
    assert.deepEqual(await paths(text), ['w', 'h.W', 'h.b', 'h.2.W', 'h.2.b']);
    const [finding] = await findingsOf(
      'param w = 2\nif w > 3 { z = [1, 2] @ [1, 2, 3] } else { z = w }\nloss = z\n',
    );
    assert.match(finding!, /2 and 3 must agree/);
  });
  it('that bind a new name to different shapes are told at its use', async () => {
    const text = 'param w = 2\nif w > 3 { z = [w, 1] } else { z = w }\n';
    assert.deepEqual(await findingsOf(`${text}loss = sum(z)\n`), [
      '3:12 error[shape-mismatch] z is float [] on one path of the `if` on line 2 and float [2] on the other; ' +
        'give it one shape and dtype',
    ]);
    await holds(`${text}z = 5\ncheck z ~= 5\n`);
  });
  it('not taken count as reached: other values may take them', async () => {
    const text =
      'layer f(x) { param a = 1\n  if x > 0 { return a * x }\n  return x }\nparam q = 3\ny = f(q)\ng = grad(y, q)\n';
    assert.deepEqual(await findingsOf(text), []);
    const loop = await findingsOf('param a = 1\ns = 0\nfor i in 0..K { s = s + a * i }\nloss = 2\n');
    assert.ok(!loop.join().includes('param-unreached'), loop.join());
    const unused = await findingsOf(
      'param a = 1\nparam b = 2\nif b > 0 { y = b } else { y = 2 * b }\nloss = y\n',
    );
    assert.match(unused.join(), /^1:1 warning\[param-unreached\] loss does not depend on a/);
  });
  it('on a tensor point to where', async () => {
    const [finding] = await findingsOf('x = [1, 2]\nif x > 1 { y = 1 } else { y = 2 }\n');
    assert.match(finding!, /a condition is a scalar\. For a choice per row use where\(c, a, b\)/);
  });
});

describe('while', () => {
  it('on known values runs to its end', () => holds('n = 1\nwhile n < 100 { n = n * 2 }\ncheck n ~= 128\n'));
  it('that never ends is an error', async () => {
    const [finding] = await findingsOf('n = 1\nwhile n > 0 { n = n + 1 }\n');
    assert.match(finding!, /the loop has not ended after 10000 turns/);
  });
});

describe('import', () => {
  const withFiles = async (
    files: Readonly<Record<string, string>>,
    run: (folder: string) => Promise<void>,
  ): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'nabla-import-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    try {
      await run(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  it('brings functions, layers and optimisers, with the constants they use', () =>
    withFiles(
      { 'lib.nabla': 'k = 2\nfn double(x) { return k * x }\nlayer two(x) { return dense(x, 2) }\n' },
      async folder => {
        const text =
          'import "lib.nabla"\ncheck double(3) ~= 6\nh = two([[1, 2]])\ncheck sum(h.dense.b) ~= 0\n';
        await holds(text, folder);
      },
    ));
  it('keeps constants private', () =>
    withFiles({ 'lib.nabla': 'k = 2\nfn double(x) { return k * x }\n' }, async folder => {
      assert.match((await findingsOf('import "lib.nabla"\ny = k\n', folder)).join(), /k/);
    }));
  it('tells errors of the other file at the import, with its line', () =>
    withFiles({ 'lib.nabla': 'fn f(x) {\n  return (x\n}\n' }, async folder => {
      const [finding] = await findingsOf('import "lib.nabla"\ny = f(1)\n', folder);
      assert.match(finding!, /^1:\d+ error\[data-file\] lib\.nabla:\d+:\d+: /);
    }));
  it('tells what the other file does not know at the call', () =>
    withFiles({ 'lib.nabla': 'fn f(x) {\n  return x + nosuch\n}\nfn g(x) { y = x }\n' }, async folder => {
      assert.deepEqual(await findingsOf('import "lib.nabla"\ny = f(1)\n', folder), [
        '2:5 error[name-unknown] lib.nabla:2:14: nosuch is not defined above this line',
      ]);
      assert.deepEqual(await findingsOf('import "lib.nabla"\ny = g(1)\n', folder), [
        '2:5 error[syntax] lib.nabla:4:4: g ends without a return',
      ]);
    }));
  it('tells shape errors of the other file at the call', () =>
    withFiles({ 'lib.nabla': 'fn f(x) {\n  return x @ ones([3])\n}\n' }, async folder => {
      const [finding] = await findingsOf('import "lib.nabla"\ny = f([1, 2])\n', folder);
      assert.match(finding!, /^2:\d+ error\[shape-mismatch\] lib\.nabla:2:\d+: .*2 and 3 must agree/);
    }));
  it("tells what is said of an imported layer's parameters at the call", () =>
    withFiles({ 'lib.nabla': '\n\n\nlayer shift(x) {\n  param b = 1\n  return x + b\n}\n' }, async folder => {
      const text = 'import "lib.nabla"\ny = shift([1, 2])\nparam w = 3\nloss = w ** 2\n';
      const [finding] = await findingsOf(text, folder);
      assert.match(finding!, /^2:5 warning\[param-unreached\] loss does not depend on y\.b/);
    }));
  it('refuses a definition that the file has itself', () =>
    withFiles(
      {
        'lib.nabla': 'fn f(x) { return x }\noptimizer slow(lr = 1) (p, g) { return p - lr * g / step }\n',
      },
      async folder => {
        const own = 'fn f(x) { return 2 * x }\noptimizer slow(lr = 1) (p, g) { return p - lr * g }\n';
        assert.deepEqual(await findingsOf(`import "lib.nabla"\n${own}y = f(1)\n`, folder), [
          '2:4 error[name-duplicate] f is defined here and in lib.nabla; rename one of them',
          '3:11 error[name-duplicate] slow is defined here and in lib.nabla; rename one of them',
        ]);
      },
    ));
  it('makes no circle', () =>
    withFiles(
      {
        'a.nabla': 'import "b.nabla"\nfn f(x) { return x }\n',
        'b.nabla': 'import "a.nabla"\nfn g(x) { return x }\n',
      },
      async folder => {
        assert.match((await findingsOf('import "a.nabla"\ny = f(1)\n', folder)).join(), /circle/);
      },
    ));
  it('names a file that is not there', async () => {
    assert.match((await findingsOf('import "none.nabla"\ny = 1\n')).join(), /none\.nabla cannot be read/);
  });
});
