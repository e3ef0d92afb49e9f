import assert from 'node:assert/strict';
import { constantDim } from '../../../../src/graph/dimension';
import { RunError } from '../../../../src/graph/evaluate';
import { MemoryError } from '../../../../src/runtime/memory';
import { compileOnnx } from '../../../../src/runtime/onnx/program';
import { onnxRuntime } from '../../../../src/runtime/onnx/runtime';
import { UnsupportedByOnnx } from '../../../../src/runtime/onnx/unsupported';
import { fresh, input } from '../support';
import { runtimeOrSkip } from './support';

describe('a program of ONNX Runtime', () => {
  it('is to be had on this platform', function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') this.skip();
    const runtime = onnxRuntime();
    assert.ok(!('missing' in runtime), 'missing' in runtime ? runtime.missing : '');
    assert.equal(runtime.version, '1.30.0');
    assert.ok(runtime.backends.includes('cpu'));
  });

  it('names the label that is no class, as the embedded executor does', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const [scores, labels] = [input(b, [4, 3]), input(b, [4], 'int', 'y')];
    const place = b.apply('position', [labels], { size: constantDim(3), wrap: false, what: 'class' });
    const onehot = b.equal(b.broadcast(place, scores.shape, [1]), b.iota(scores.shape, 1));
    const picked = b.sum(b.where(onehot, scores, b.constant(0)), [1]);
    const program = compileOnnx({ outputs: [picked], sizes: {}, precision: 32, runtime, threads: 1 });
    program.buffer(scores).set([...Array(12).keys()]);
    program.buffer(labels).set([0, 2, 1, 2]);
    program.run();
    assert.deepEqual([...program.buffer(picked)], [0, 5, 7, 11]);
    program.buffer(labels)[2] = 3;
    assert.throws(
      () => program.run(),
      (error: unknown) =>
        error instanceof RunError && error.node === place && /class 3 is out of range/.test(error.message),
    );
    program.buffer(labels)[2] = 0;
    program.run();
    assert.equal(program.buffer(picked)[2], 6);
  });

  it('leaves no copies of what it computes behind, and still says what goes wrong', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const [x, at] = [input(b, [4, 65_536]), input(b, [4], 'int', 'at')];
    const gathered = b.gather(b.tanh(x), at, 0);
    const program = compileOnnx({ outputs: [gathered], sizes: {}, precision: 32, runtime, threads: 1 });
    program.buffer(x).fill(0.5);
    program.buffer(at).set([3, 2, 1, 0]);
    program.run();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 8; i++) program.run();
    const copied = process.memoryUsage().arrayBuffers - before;
    assert.ok(copied < 4 * 4 * 65_536, `${copied} bytes of copies`);
    assert.ok(Math.abs(program.buffer(gathered)[70_000]! - Math.tanh(0.5)) < 1e-6);
    program.buffer(at)[1] = 7;
    assert.throws(
      () => program.run(),
      (error: unknown) => error instanceof RunError && /out of data bounds/.test(error.message),
    );
  });

  it('names the gather that is asked for a place outside', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const [x, at] = [input(b, [4]), input(b, [2], 'int', 'at')];
    const gathered = b.gather(x, at, 0);
    const program = compileOnnx({ outputs: [gathered], sizes: {}, precision: 32, runtime, threads: 1 });
    program.buffer(at).set([1, 7]);
    assert.throws(
      () => program.run(),
      (error: unknown) =>
        error instanceof RunError && error.node === gathered && /out of .*bounds/.test(error.message),
    );
  });

  it('is refused, with the op and the reason, where the library would not compute as defined', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const [x, n] = [input(b, [4]), input(b, [4], 'int', 'n')];
    const refuse = (node: typeof x): void =>
      assert.throws(
        () => compileOnnx({ outputs: [node], sizes: {}, precision: 32, runtime, threads: 1 }),
        (error: unknown) => error instanceof UnsupportedByOnnx && error.op === node.op && error.node === node,
      );
    refuse(b.apply('argsort', [x], { axis: 0 }));
    refuse(b.elementwise('floor_divide', [n, n]));
    const product = b.contract(x, b.tensor([1, 2, 3, 4], [constantDim(4)]), 'i', 'i', '');
    refuse(b.apply('position', [product], { size: constantDim(3), wrap: false, what: 'index' }));
  });

  it('gives the same bits on one thread and on two, and again', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const [x, w] = [input(b, [64, 96]), input(b, [96, 80], 'float', 'w')];
    const y = b.tanh(b.contract(x, w, 'ij', 'jk', 'ik'));
    const outputs = [b.sumAll(b.square(y)), b.contract(y, x, 'ik', 'ij', 'kj')];
    const results = [1, 2, 2].map(threads => {
      const program = compileOnnx({ outputs, sizes: {}, precision: 32, runtime, threads });
      for (const node of [x, w]) {
        const buffer = program.buffer(node);
        buffer.set(Array.from(buffer, (_, i) => Math.sin(i * 0.7)));
      }
      program.run();
      program.run();
      const copies = outputs.map(node => [...program.buffer(node)]);
      program.dispose?.();
      return copies;
    });
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  it('is refused before it takes more memory than it may, also between its nodes', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const x = input(b, [1000, 2]);
    const table = b.exp(b.contract(x, x, 'ik', 'jk', 'ij'));
    const loss = b.sumAll(b.square(table));
    const request = { outputs: [loss], sizes: {}, precision: 32, runtime, threads: 1 } as const;
    assert.throws(
      () => compileOnnx({ ...request, memoryLimit: 6_000_000 }),
      (error: unknown) =>
        error instanceof UnsupportedByOnnx &&
        /holds 7.64 MB at once, more than the 5.72 MB/.test(error.message),
    );
    assert.throws(() => compileOnnx({ ...request, memoryLimit: 7000 }), MemoryError);
    const program = compileOnnx({ ...request, memoryLimit: 20_000_000 });
    assert.ok(program.bytes > 8_000_000 && program.bytes < 13_000_000, `${program.bytes}`);
  });

  it('reads and writes the buffers of leaves that are asked for as outputs', function () {
    const runtime = runtimeOrSkip(this);
    const b = fresh();
    const p = b.apply('parameter', [], { path: 'p', shape: [constantDim(3)] });
    const double = b.add(p, p);
    const program = compileOnnx({
      outputs: [p, double],
      updates: [{ target: p, value: b.mul(p, double) }],
      sizes: {},
      precision: 32,
      runtime,
      threads: 1,
    });
    program.buffer(p).set([1, 2, 3]);
    program.run();
    assert.deepEqual([...program.buffer(double)], [2, 4, 6]);
    assert.deepEqual([...program.buffer(p)], [2, 8, 18]);
  });
});
