import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { version } from '../../../package.json';
import { decodeSafetensors } from '../../../src/interop/safetensors';
import { jsonLines, outcomeOf, Place } from './terminal';

const line = [
  'input x : [4] = [1, 2, 3, 4]',
  'param w = 0',
  'loss = mean((w * x - 2 * x) ** 2)',
  'train loss { optimizer = sgd(lr = 0.01); steps = 5; precision = 64; metrics = [abs(w - 2), abs(w)] }',
  '',
].join('\n');

const rows = [
  'data d = linear(n = 20, seed = 1)',
  'input x : [N] = d[:, 0]',
  'input y : [N] = d[:, 1]',
  'loss = mse(dense(expand(x, 1), 1), expand(y, 1))',
  'train loss { batch = 8; epochs = 2; split = 0.8 }',
  '',
].join('\n');

describe('nabla train', () => {
  const place = new Place({
    'line.nabla': line,
    'rows.nabla': rows,
    'diverge.nabla':
      'param w = 3\nz = w ** 4\nloss = z\ntrain loss { optimizer = sgd(lr = 1); steps = 50 }\n',
    'endless.nabla': 'param w : [1000] ~ normal()\nloss = mean(w ** 2)\ntrain loss { steps = 100000000 }\n',
  });
  after(() => place.remove());

  it('prints one object a line with --json', async () => {
    const { status, out, err } = await place.nabla('train', 'line.nabla', '--json', '--params-json');
    assert.deepEqual([status, err], [0, '']);
    const events = jsonLines(out);
    const steps = events.filter(each => each.event === 'step');
    // w goes to 2 by descent on 7.5 (w - 2)²: each step leaves 1 - 15 lr of the way.
    let w = 0;
    steps.forEach((step, i) => {
      assert.equal(step.step, i + 1);
      assert.ok(Math.abs((step.loss as number) - 7.5 * (w - 2) ** 2) < 1e-12, 'the loss before the update');
      assert.deepEqual(Object.keys(step.metrics as object), ['abs', 'abs_2']);
      w += 0.15 * (2 - w);
      assert.ok(Math.abs((step.params as { w: number }).w - w) < 1e-12, 'the parameters after it');
    });
    assert.equal(steps.length, 5);
    const done = events.at(-1)!;
    assert.deepEqual(Object.keys(done), ['event', 'steps', 'loss', 'metrics', 'seconds', 'params']);
    assert.equal(done.steps, 5);
    assert.ok(Math.abs((done.loss as number) - 7.5 * (w - 2) ** 2) < 1e-12, 'the loss after the last update');
  });

  it('leaves parameters out unless asked', async () => {
    const { out } = await place.nabla('train', 'line.nabla', '--json');
    assert.ok(jsonLines(out).every(each => !('params' in each)));
  });

  it('reports epochs with what the held-out rows say', async () => {
    const { out } = await place.nabla('train', 'rows.nabla', '--json');
    const events = jsonLines(out);
    assert.deepEqual(
      events.map(each => [each.event, each.step ?? each.steps, each.epoch]),
      [
        ['step', 1, 0],
        ['step', 2, 0],
        ['epoch', 2, 0],
        ['step', 3, 1],
        ['step', 4, 1],
        ['epoch', 4, 1],
        ['done', 4, undefined],
      ],
    );
    const epoch = events[2]!;
    assert.deepEqual(Object.keys(epoch), [
      'event',
      'epoch',
      'step',
      'loss',
      'val_loss',
      'metrics',
      'val_metrics',
      'lr',
    ]);
    assert.equal(epoch.lr, 0.01);
  });

  it('prints every K-th step with --log-every', async () => {
    const { out } = await place.nabla('train', 'line.nabla', '--json', '--log-every', '2');
    const steps = jsonLines(out).filter(each => each.event === 'step');
    assert.deepEqual(
      steps.map(each => each.step),
      [2, 4],
    );
  });

  it('makes as many steps as asked', async () => {
    const { out } = await place.nabla('train', 'rows.nabla', '--json', '--steps', '7');
    assert.equal(jsonLines(out).at(-1)!.steps, 7);
  });

  it('gives the same run for the same seed, and another for another', async () => {
    const run = async (seed: string): Promise<unknown[]> => {
      const { out } = await place.nabla('train', 'rows.nabla', '--json', '--params-json', '--seed', seed);
      return jsonLines(out).map(({ seconds: _, ...rest }) => rest);
    };
    assert.deepEqual(await run('1'), await run('1'));
    assert.notDeepEqual(await run('1'), await run('2'));
  });

  it('sums up for people, without bar or colours where nobody watches', async () => {
    const { status, out, err } = await place.nabla('train', 'rows.nabla');
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^4 steps in .*\ntraining {2}loss \S+ → \S+\nheld out {2}loss \S+\n$/);
  });

  it('trains a file without a train block on its objective', async () => {
    place.write('plain.nabla', 'param w = 1\nloss = w ** 2\n');
    const { out } = await place.nabla('train', 'plain.nabla', '--json');
    assert.equal(jsonLines(out).at(-1)!.steps, 100);
  });

  for (const [name, text, message] of [
    ['no parameter', 'w = 1\nloss = w ** 2\n', /there is no parameter to train/],
    ['no loss', 'input i : [2] int = [1, 2]\nj = i + 1\n', /there is nothing to train/],
    [
      'a label out of range',
      'input y : [2] int = [0, 3]\nparam s : [2, 3] ~ zeros()\nloss = cross_entropy(s, y)\n',
      /^m\.nabla:3:8: error\[run-error\]: class 3 is out of range/,
    ],
    [
      'an input without a value',
      'input x : [2]\nparam w = 1\nloss = mean(w * x)\n',
      /^m\.nabla:1:1: error\[data-value\]: input x has no value/,
    ],
    [
      'Nesterov without momentum',
      'param w = 1\nloss = w ** 2\ntrain loss { optimizer = sgd(nesterov = true) }\n',
      /error\[train-config\]/,
    ],
    [
      'epochs beside steps',
      'param w = 1\nloss = w ** 2\ntrain loss { epochs = 1; steps = 1 }\n',
      /error\[key-conflict\]/,
    ],
  ] as const) {
    it(`refuses ${name}`, async () => {
      place.write('m.nabla', text);
      const { status, out, err } = await place.nabla('train', 'm.nabla', '--json');
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, message);
    });
  }

  it('warns of a batch larger than the data and of parameters that do not train', async () => {
    place.write('m.nabla', rows.replace('batch = 8', 'batch = 800').replace('train', 'param v = 1\ntrain'));
    const { status, err } = await place.nabla('train', 'm.nabla');
    assert.equal(status, 0);
    assert.match(err, /warning\[train-config\]: batch is 800, and 16 rows train/);
    assert.match(err, /warning\[param-unreached\]: loss does not depend on v/);
  });

  describe('--out', () => {
    it('writes parameters, events and a record', async () => {
      const { out } = await place.nabla('train', 'line.nabla', '--json', '--params-json', '--out', 'run');
      const events = jsonLines(out);
      const done = events.at(-1)! as { params: { w: number }; loss: number };
      const stored = decodeSafetensors(readFileSync(place.path('run/params.safetensors')));
      assert.deepEqual([...stored.keys()], ['w']);
      assert.equal(stored.get('w')!.data[0], done.params.w);
      const written = jsonLines(readFileSync(place.path('run/events.jsonl'), 'utf8'));
      assert.deepEqual(
        written.map(each => each.event),
        [...Array<string>(5).fill('step'), 'epoch'],
      );
      const record = JSON.parse(readFileSync(place.path('run/run.json'), 'utf8')) as Record<string, unknown>;
      const { started, seconds, executorReason, ...rest } = record;
      assert.ok(!Number.isNaN(Date.parse(String(started))));
      assert.equal(typeof seconds, 'number');
      assert.match(String(executorReason), /^ONNX Runtime does not compute all operations in 64-bit/);
      assert.deepEqual(rest, {
        format: 1,
        runId: 'run',
        model: 'line.nabla',
        seed: 0,
        phase: 'finished',
        steps: 5,
        loss: done.loss,
        metrics: (done as { metrics?: object }).metrics,
        executor: 'js',
        nabla: version,
      });
    });

    it('goes on from written parameters', async () => {
      await place.nabla('train', 'line.nabla', '--out', 'first');
      const { out } = await place.nabla(
        'train',
        'line.nabla',
        '--json',
        '--params-json',
        '--params',
        'first/params.safetensors',
      );
      const last = jsonLines(out).at(-1) as { params: { w: number } };
      assert.ok(Math.abs(last.params.w - 2 * (1 - 0.85 ** 10)) < 1e-12);
    });

    it('keeps nothing of a run before', async () => {
      await place.nabla('train', 'line.nabla', '--out', 'again');
      await place.nabla('train', 'line.nabla', '--out', 'again', '--steps', '2');
      assert.equal(jsonLines(readFileSync(place.path('again/events.jsonl'), 'utf8')).length, 3);
    });

    it('writes nothing without it', async () => {
      const empty = new Place({ 'line.nabla': line });
      await empty.nabla('train', 'line.nabla');
      assert.ok(!existsSync(empty.path('.nabla')));
      empty.remove();
    });

    it('says when the folder cannot be written', async () => {
      const { status, err } = await place.nabla('train', 'line.nabla', '--out', 'line.nabla/run');
      assert.equal(status, 1);
      assert.match(err, /^nabla: --out line\.nabla\/run: the folder cannot be written/);
    });
  });

  describe('a loss that is not finite', () => {
    it('ends with the step, the node and its line, and no last event', async () => {
      const { status, out, err } = await place.nabla('train', 'diverge.nabla', '--json');
      assert.equal(status, 1);
      const events = jsonLines(out);
      assert.ok(events.length > 0 && events.every(each => each.event === 'step'));
      assert.match(
        err,
        /^diverge\.nabla:2:5: error\[train-diverged\]: .* step 4, first in z on line 2; .*not kept/,
      );
    });

    it('leaves the last good parameters', async () => {
      const { err } = await place.nabla('train', 'diverge.nabla', '--out', 'bad');
      assert.match(err, /the last good ones are in bad.params\.safetensors/);
      const { data } = decodeSafetensors(readFileSync(place.path('bad/params.safetensors'))).get('w')!;
      assert.ok(Number.isFinite(data[0]! ** 4));
      const record = JSON.parse(readFileSync(place.path('bad/run.json'), 'utf8')) as Record<string, unknown>;
      assert.equal(record.phase, 'failed');
      assert.match(String(record.error), /NaN or infinity at step 4/);
    });

    it('is seen after the last step too', async () => {
      const { status, out, err } = await place.nabla('train', 'diverge.nabla', '--json', '--steps', '3');
      assert.equal(status, 1);
      assert.ok(jsonLines(out).every(each => each.event !== 'done'));
      assert.match(err, /error\[train-diverged\]/);
    });
  });

  describe('Ctrl-C', () => {
    it('ends with 130 and writes what there is', async () => {
      const child = place.start(
        'train',
        'endless.nabla',
        '--json',
        '--log-every',
        '1000',
        '--out',
        'stopped',
      );
      const ended = outcomeOf(child);
      await new Promise(resolve => child.stdout!.once('data', resolve));
      child.kill('SIGINT');
      const { status, out, err } = await ended;
      assert.equal(status, 130);
      const events = jsonLines(out);
      assert.ok(events.every(each => each.event === 'step'));
      assert.match(err, /interrupted after step \d+; its parameters are in stopped.params\.safetensors/);
      assert.equal(
        decodeSafetensors(readFileSync(place.path('stopped/params.safetensors'))).get('w')!.data.length,
        1000,
      );
      const record = JSON.parse(readFileSync(place.path('stopped/run.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      assert.equal(record.phase, 'stopped');
    });
  });
});
