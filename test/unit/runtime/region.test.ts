import assert from 'node:assert/strict';
import type { Node } from '../../../src/graph/node';
import type { Builder } from '../../../src/ops/builder';
import { compile } from '../../../src/runtime/program';
import { Storage } from '../../../src/runtime/storage';
import { Region } from '../../../src/runtime/webassembly/region';
import { fresh, input } from './support';

/** A leaf that each run doubles, and the sum of it and an input. */
function doubling(
  b: Builder,
  count: number,
): { w: Node; x: Node; y: Node; update: { target: Node; value: Node } } {
  const [w, x] = [input(b, [count], 'float', 'w'), input(b, [count])];
  return { w, x, y: b.add(w, x), update: { target: w, value: b.mul(w, b.constant(2)) } };
}

/** Calls `body` on a platform that grants memories of up to so many pages of 64 KB. */
function granting(most: number, body: () => void): void {
  const own = WebAssembly.Memory;
  WebAssembly.Memory = class extends own {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.initial > most) throw new RangeError('could not allocate memory');
      super(descriptor);
    }
  };
  try {
    body();
  } finally {
    WebAssembly.Memory = own;
  }
}

describe('the memory of WebAssembly', () => {
  it('holds all buffers of the programs of one storage, and no other program has one', () => {
    const b = fresh();
    const { w, x, y, update } = doubling(b, 11);
    const storage = new Storage(32);
    const request = { outputs: [y], updates: [update], sizes: {}, precision: 32, storage } as const;
    const [first, second] = [compile(request), compile({ ...request, updates: [] })];
    const memory = first.buffer(w).buffer;
    assert.ok(memory instanceof ArrayBuffer, 'not one that threads share');
    for (const buffer of [first.buffer(x), first.buffer(y), second.buffer(w), second.buffer(y)])
      assert.equal(buffer.buffer, memory);
    assert.notEqual(first.buffer(y).byteOffset, second.buffer(y).byteOffset);
    for (const other of [{ precision: 64 }, { runs: 'few' }, { kernels: 'javascript' }] as const) {
      const program = compile({ outputs: [y], sizes: {}, precision: 32, ...other });
      assert.deepEqual(program.kernels, { webassembly: 0, javascript: 1 });
      assert.ok(program.buffer(y).buffer.byteLength < 1024);
    }
  });

  it('holds what is written before the first program, where that is asked for', () => {
    for (const [reserved, javascript] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const { w, y } = doubling(fresh(), 5);
      const storage = new Storage(32, reserved);
      storage.provide([{ node: w, dtype: 'float', count: 5 }]);
      const { array, offset } = storage.place(w, 5);
      array.fill(3, offset, offset + 5);
      const program = compile({ outputs: [y], sizes: {}, precision: 32, storage });
      program.run();
      assert.deepEqual([program.kernels!.javascript, program.buffer(y)[4]], [javascript, 3]);
    }
  });

  it('is as large as the platform grants, down to what is needed', () => {
    granting(100, () => {
      assert.equal(Region.reserve(1, 2 ** 30)!.pages, 64);
      assert.equal(Region.reserve(99 * 65_536, 2 ** 30)!.pages, 100);
      assert.equal(Region.reserve(200 * 65_536, 2 ** 30), undefined);
    });
  });

  it('hands out zeros at cache lines, with a vector of room at the end', () => {
    const region = Region.reserve(1000)!;
    const starts = [region.allocate(1), region.allocate(65), region.allocate(64)];
    assert.deepEqual(starts, [0, 64, 192]);
    assert.equal(region.allocate(65_536 - 256), undefined);
    assert.equal(region.allocate(65_536 - 320), 256);
  });

  it('is not missed where the platform refuses it', () => {
    granting(0, () => {
      const { w, x, y, update } = doubling(fresh(), 5);
      const program = compile({ outputs: [y], updates: [update], sizes: {}, precision: 32 });
      program.buffer(w).fill(3);
      program.buffer(x).fill(1);
      program.run();
      program.run();
      assert.equal(program.kernels!.webassembly, 0);
      assert.deepEqual([program.buffer(y)[4], program.buffer(w)[4]], [7, 12]);
    });
  });

  it('leaves a program that does not fit any more to JavaScript, over the same parameters', () => {
    const b = fresh();
    const { w, x, y, update } = doubling(b, 40_000);
    const storage = new Storage(32);
    const request = { outputs: [y], updates: [update], sizes: {}, precision: 32, storage } as const;
    granting(10, () => {
      const [first, second] = [compile(request), compile(request)];
      const third = compile({ ...request, outputs: [b.mul(y, b.constant(2))] });
      assert.equal(first.kernels!.javascript, 0);
      assert.ok(third.kernels!.javascript > 0);
      first.buffer(w).fill(1);
      first.buffer(x).fill(1);
      for (const program of [first, second, third]) program.run();
      assert.deepEqual([first.buffer(w)[39_999], third.buffer(w)[0]], [8, 8]);
      assert.equal(third.buffer(b.graph.nodes.at(-1)!)[39_999], 10);
    });
  });
});
