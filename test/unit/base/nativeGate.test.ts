import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import { NativeGate } from '../../../src/base/nativeGate';

/** Counts passes through a gate, each of some milliseconds, until it is ended. */
const script = `
  const { workerData } = require('node:worker_threads');
  const gate = new NativeGate(workerData.gate);
  const counts = new Int32Array(workerData.counts);
  for (;;) gate.pass(() => {
    Atomics.add(counts, 0, 1);
    const until = performance.now() + 30;
    while (performance.now() < until);
    Atomics.add(counts, 1, 1);
  });
`;

describe('the gate around native code', () => {
  it('lets a thread be ended only between calls', async () => {
    const gate = new NativeGate();
    const counts = new Int32Array(new SharedArrayBuffer(8));
    const source = readFileSync(require.resolve('../../../src/base/nativeGate'), 'utf8');
    const { code } = transformSync(source, { loader: 'ts', format: 'cjs' });
    const worker = new Worker(code + script, {
      eval: true,
      workerData: { gate: gate.memory, counts: counts.buffer },
    });
    const failed = new Promise<never>((_, reject) => worker.once('error', reject));
    while (Atomics.load(counts, 0) === 0) {
      await Promise.race([failed, new Promise(resolve => setTimeout(resolve, 5))]);
    }
    await gate.close();
    const begun = Atomics.load(counts, 0);
    assert.equal(Atomics.load(counts, 1), begun, 'a call is under way');
    await new Promise(resolve => setTimeout(resolve, 60));
    assert.equal(Atomics.load(counts, 0), begun, 'a call has begun behind the closed gate');
    await worker.terminate();
  });

  it('opens again after a call that throws', async () => {
    const gate = new NativeGate();
    assert.throws(() =>
      gate.pass(() => {
        throw new Error('no');
      }),
    );
    assert.equal(
      gate.pass(() => 1),
      1,
    );
    await gate.close();
  });
});
