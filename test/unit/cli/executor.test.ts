import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { decodeSafetensors } from '../../../src/interop/safetensors';
import { onnxRuntime } from '../../../src/runtime/onnx/runtime';
import { Installation } from '../../support/installation';
import { images } from '../../support/nets';
import { jsonLines, outcomeOf } from './terminal';

/** A step is worth ONNX Runtime. */
const large = `
data d = blobs(n = 64, classes = 4, features = 100)
input x : [N, 100] = d[:, 0:100]
input y : [N] int = d["label"]
loss = cross_entropy(dense(dense(x, 2000, act = tanh), 4), y)
train loss { optimizer = adam(lr = 0.001); batch = 24; epochs = 2; checkpoint = 1 }
`;

const small = images(64, 4, 'batch = 32; epochs = 3; checkpoint = 1');
/** Steps that take a good part of a second. */
const slow = images(512, 32, 'batch = full; steps = 500');

const nabla = (at: Installation, ...args: string[]) => outcomeOf(at.start(...args));

function recordOf(at: Installation, folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(at.path(folder, 'run.json'), 'utf8')) as Record<string, unknown>;
}

function parametersOf(at: Installation, folder: string): Record<string, number[]> {
  const tensors = decodeSafetensors(readFileSync(at.path(folder, 'params.safetensors')));
  return Object.fromEntries([...tensors].map(([name, { data }]) => [name, [...data]]));
}

describe('nabla without the native library', function () {
  this.timeout(60_000);
  const binding = 'onnxruntime-node/dist/binding.js';
  const version = { 'onnxruntime-node/package.json': '{ "version": "9.9.9" }' };
  const cases: readonly (readonly [string, Readonly<Record<string, string>> | undefined, RegExp])[] = [
    ['is not installed', undefined, /^onnxruntime-node is not installed$/],
    [
      'is no library',
      {
        ...version,
        [binding]: 'exports.initOrt = () => {}; exports.binding = require("./library.node");',
        'onnxruntime-node/dist/library.node': 'no library',
        'onnxruntime-common/index.js': 'exports.Tensor = class {};',
      },
      /^onnxruntime-node does not load on this machine \(.*\)$/,
    ],
    [
      'is of another version',
      { ...version, [binding]: 'exports.session = () => {};', 'onnxruntime-common/index.js': '' },
      /^onnxruntime-node 9\.9\.9 has another form than the one we know$/,
    ],
  ];
  for (const [what, library, reason] of cases) {
    it(`trains a large net all the same when it ${what}, and the record says why`, async () => {
      const at = new Installation(library);
      try {
        at.write('large.nabla', large);
        const auto = await nabla(at, 'train', 'large.nabla', '--out', 'auto');
        assert.deepEqual([auto.status, auto.err], [0, '']);
        const { executor, executorReason } = recordOf(at, 'auto');
        assert.equal(executor, 'js');
        assert.match(String(executorReason).split(';')[0]!, reason);
        const asked = await nabla(at, 'train', 'large.nabla', '--backend', 'onnx', '--out', 'asked');
        assert.equal(asked.status, 0);
        const warnings = asked.err.trimEnd().split('\n');
        assert.equal(warnings.length, 1);
        assert.match(
          warnings[0]!,
          /^large\.nabla:6:1: warning\[train-config\]: the onnx backend cannot run these steps, and our own code does: /,
        );
        assert.deepEqual(parametersOf(at, 'asked'), parametersOf(at, 'auto'));
      } finally {
        at.remove();
      }
    });
  }
});

describe('nabla with the native library', function () {
  this.timeout(120_000);
  let at: Installation;
  before(function () {
    if ('missing' in onnxRuntime()) return this.skip();
    at = new Installation('installed');
    at.write('large.nabla', large);
    at.write('small.nabla', small);
    at.write('slow.nabla', slow);
  });
  after(() => at?.remove());

  const onnx = ['--backend', 'onnx', '--threads', '2'] as const;

  it('says in the title and in the record what ran the steps, and ends at once', async () => {
    const start = performance.now();
    const { status, out, err } = await nabla(at, 'train', 'small.nabla', ...onnx, '--out', 'shares');
    const { executor, executorReason, seconds } = recordOf(at, 'shares');
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^6 steps in .* on onnx, 2 threads$/m);
    assert.deepEqual([executor, executorReason], ['onnx, 2 threads', 'it was asked for']);
    // A thread that still waits would hold the process for good.
    assert.ok(performance.now() - start < 30_000 + 1000 * Number(seconds));
  });

  for (const file of ['large.nabla', 'small.nabla']) {
    it(`goes on bit for bit on the same executor (${file})`, async () => {
      await nabla(at, 'train', file, ...onnx, '--out', 'whole');
      await nabla(at, 'train', file, ...onnx, '--steps', '4', '--out', 'part');
      const { status, err } = await nabla(at, 'train', file, ...onnx, '--resume', 'part', '--out', 'rest');
      assert.deepEqual([status, err], [0, '']);
      assert.deepEqual(parametersOf(at, 'rest'), parametersOf(at, 'whole'));
    });
  }

  it('warns when a run goes on on another executor', async () => {
    await nabla(at, 'train', 'small.nabla', '--backend', 'js', '--steps', '2', '--out', 'own');
    const { status, err } = await nabla(at, 'train', 'small.nabla', ...onnx, '--resume', 'own');
    assert.equal(status, 0);
    assert.match(
      err,
      /^--resume own: warning: its steps ran on js, and now run on onnx, 2 threads: the last bits may differ$/m,
    );
  });

  /** Presses Ctrl-C after the first step, `times` times. */
  async function interrupted(times: number, folder: string) {
    const child = at.start('train', 'slow.nabla', ...onnx, '--log-every', '1', '--out', folder);
    const end = outcomeOf(child);
    await firstLine(child);
    for (let i = 0; i < times; i++) {
      await new Promise(resolve => setTimeout(resolve, 30));
      child.kill('SIGINT');
    }
    const outcome = await end;
    return { ...outcome, signal: child.signalCode };
  }

  it('stops after the long step that Ctrl-C meets, with the numbers after it', async () => {
    const { status, err } = await interrupted(1, 'stopped');
    assert.equal(status, 130);
    const [, step] = /^nabla: interrupted after step (\d+); its parameters are in/.exec(err) ?? [];
    const { phase, steps } = recordOf(at, 'stopped');
    assert.deepEqual([phase, steps], ['stopped', Number(step)]);
    await nabla(at, 'train', 'slow.nabla', ...onnx, '--steps', step!, '--out', 'counted');
    assert.deepEqual(parametersOf(at, 'stopped'), parametersOf(at, 'counted'));
    const saved = JSON.parse(readFileSync(at.path('stopped', 'checkpoint.json'), 'utf8')) as object;
    assert.match(JSON.stringify(saved), new RegExp(`"steps?":\\s*${step}\\b`));
  });

  it('does not crash when Ctrl-C is pressed twice during a step of two threads', async () => {
    const { status, signal, err } = await interrupted(3, 'twice');
    // In order after the step, or by the signal where the first one had been heard already; never by an abort.
    assert.ok(status === 130 || signal === 'SIGINT', `status ${status}, signal ${signal}: ${err}`);
  });

  it('lets go of threads and native memory between the trials of a search', async function () {
    if (process.platform !== 'linux') this.skip();
    const searching = `${images(64, 8, 'batch = 32; epochs = 1')}tune { lr = log_uniform(0.0001, 0.01); trials = 10; folds = 1 }\n`;
    at.write('tune.nabla', searching.replace('epochs = 1', 'epochs = 1; split = 0.75'));
    const child = at.start('tune', 'tune.nabla', '--json', ...onnx);
    const seen: { threads: number; kilobytes: number }[] = [];
    let text = '';
    child.stdout!.on('data', (part: Buffer) => {
      text += part;
      if (/"event":"trial"/.test(String(part))) {
        const now = useOf(child.pid!);
        if (now) seen.push(now);
      }
    });
    const status = await new Promise(resolve => child.on('close', resolve));
    assert.equal(status, 0, text);
    assert.equal(jsonLines(text).filter(({ event }) => event === 'trial').length, 10);
    const [first, last] = [seen[1]!, seen.at(-1)!];
    assert.ok(last.threads <= first.threads + 2, `${first.threads} threads, then ${last.threads}`);
    assert.ok(last.kilobytes < first.kilobytes + 150_000, `${first.kilobytes} KB, then ${last.kilobytes}`);
  });
});

function firstLine(child: ChildProcess): Promise<void> {
  return new Promise(resolve => child.stdout!.once('data', () => resolve()));
}

/** Threads and resident memory of a process; undefined when it has ended. */
function useOf(pid: number): { threads: number; kilobytes: number } | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).length;
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { threads, kilobytes: Number(kilobytes) };
  } catch {
    return undefined;
  }
}
