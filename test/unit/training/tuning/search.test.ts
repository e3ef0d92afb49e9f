import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { columnsToTensor } from '../../../../src/data/table';
import type { AnalyzedModel } from '../../../../src/language/analyze';
import { evaluate } from '../../../../src/runtime/evaluate';
import { Dataset } from '../../../../src/training/dataset';
import type { TestResult, TrialDone, TuningEvent } from '../../../../src/training/tuning/events';
import { foldsOf } from '../../../../src/training/tuning/folds';
import { search } from '../../../../src/training/tuning/search';
import { modelOf } from '../models';

const examples = join(resolve(__dirname, '../../../..'), 'examples');

function eventsOf({ model, tables }: AnalyzedModel): TuningEvent[] {
  return [...search(model.tuning!, tables, evaluate)];
}

const trialsOf = (events: readonly TuningEvent[]): TrialDone[] =>
  events.filter(event => event.kind === 'trial');
const bestOf = (events: readonly TuningEvent[]) => events.findLast(event => event.kind === 'best')!;
const testOf = (events: readonly TuningEvent[]): TestResult | undefined =>
  events.find(event => event.kind === 'test');

const line = [
  'data d = linear(n = 30, noise = 0.1, seed = 1)',
  'input x : [N, 1] = d[:, 0:1]',
  'input y : [N] = d["y"]',
];
const fit = ['loss = mse(dense(x, 1), expand(y, 1))'];
const text = (...lines: string[]): string => [...line, ...fit, ...lines].join('\n');

const iris = (block: string): string => `
data iris = csv("data/iris.csv")
input x : [N, 4]  = standardize(iris[:, 0:4])
input y : [N] int = iris["species"]
units = 4
logits = dense(dense(x, units, act = tanh), 3)
train cross_entropy(logits, y) {
  optimizer = adam(lr = 0.01); epochs = 8; split = [0.6, 0.2, 0.2]; metrics = [accuracy(logits, y)]
}
tune { ${block} }`;

describe('search', () => {
  it('finds a width and a rate for irises by halving, and looks at the test rows once', async function () {
    this.timeout(20_000);
    const block =
      'lr = log_uniform(1e-4, 1e-1); units = choice(4, 8); trials = 6; folds = 3; search = halving';
    const analyzed = await modelOf(iris(block), examples);
    const split = analyzed.model.tuning!.split!;
    const test = new Set(split.test);
    const looks: number[] = [];
    const original = Dataset.prototype.write;
    Dataset.prototype.write = function (node, buffer, rows): void {
      if (rows?.some(row => test.has(row))) {
        assert.ok(rows.every(row => test.has(row)));
        looks.push(node.id);
      }
      original.call(this, node, buffer, rows);
    };
    let events: TuningEvent[];
    try {
      events = eventsOf(analyzed);
    } finally {
      Dataset.prototype.write = original;
    }
    assert.equal(new Set(looks).size, looks.length, 'each input sees the test rows once');
    assert.equal(looks.length, 2);
    const shares = trialsOf(events).map(({ share }) => share);
    assert.deepEqual(shares, [...Array(6).fill(0.125), ...Array(3).fill(0.25), ...Array(2).fill(0.5), 1]);
    const { trial, score } = bestOf(events);
    const last = trialsOf(events).at(-1)!;
    assert.deepEqual([trial, score], [last.trial, last.score]);
    const tested = testOf(events)!;
    assert.deepEqual([tested.trainingRows, tested.rows, tested.settings], [120, 30, last.settings]);
    assert.ok(tested.result.metrics.accuracy! > 0.8);
    assert.equal(events.at(-1), tested);
    const progress = events.filter(event => event.kind === 'step').map(event => event.progress);
    assert.ok(progress.every((value, i) => value > (progress[i - 1] ?? 0)));
    assert.ok(Math.abs(progress.at(-1)! - 1) < 1e-9);
  });

  it('gives the same events again', async () => {
    const file = text(
      'train loss { epochs = 2 }',
      'tune { lr = log_uniform(1e-3, 1e-1); trials = 3; folds = 2 }',
    );
    assert.deepEqual(eventsOf(await modelOf(file)), eventsOf(await modelOf(file)));
  });

  it('scores by the mean over the folds, metrics too', async () => {
    const file = text('train loss { epochs = 3; metrics = [mae(x, x + 1)] }', 'tune { folds = 4 }');
    const events = eventsOf(await modelOf(file));
    const [only] = trialsOf(events);
    assert.equal(only!.folds.length, 4);
    const mean = only!.folds.reduce((sum, fold) => sum + fold.loss, 0) / 4;
    assert.ok(Math.abs(only!.score!.loss - mean) < 1e-12);
    assert.deepEqual(only!.score!.metrics, { mae: 1 });
    assert.equal(testOf(events), undefined, 'there are no test rows');
  });

  it('standardizes with the training rows of each fold', async () => {
    const lines = [
      'centred = mean(standardize(d[:, 0:1])[:, 0])',
      'param c = 0',
      'loss = (c - mean(x)) ** 2',
    ];
    const file = [...line, 'z = standardize(d[:, 0:1])', ...lines.slice(1)].join('\n');
    const train = 'train loss { optimizer = sgd(lr = 0); epochs = 1; precision = 64; metrics = [mean(z)] }';
    const analyzed = await modelOf(`${file}\n${train}\ntune { folds = 3 }`);
    const [trial] = trialsOf(eventsOf(analyzed));
    const table = analyzed.tables.get('d')!;
    const values = Array.from(columnsToTensor(table, [0], { dtype: 'float', single: true }).data);
    const mean = (rows: Iterable<number>): number => {
      const picked = [...rows].map(row => values[row]!);
      return picked.reduce((a, b) => a + b, 0) / picked.length;
    };
    const folds = foldsOf(analyzed.model.tuning!.split!, 3, 0);
    assert.equal(new Set(folds.map(fold => mean(fold.train).toFixed(12))).size, 3);
    trial!.folds.forEach(({ metrics }, i) => {
      const { train: rows } = folds[i]!;
      const centre = mean(rows);
      const spread = Math.sqrt(
        [...rows].reduce((sum, row) => sum + (values[row]! - centre) ** 2, 0) / rows.length,
      );
      const expected = (mean(values.keys()) - centre) / spread;
      assert.ok(Math.abs(metrics.mean! - expected) < 1e-9, `${metrics.mean} is not ${expected}`);
    });
  });

  it('keeps the cut of the file with one fold, and scores a model without rows by its loss', async () => {
    const rows = await modelOf(text('train loss { epochs = 1; split = 0.8 }', 'tune { folds = 1 }'));
    assert.equal(trialsOf(eventsOf(rows))[0]!.folds.length, 1);
    const ravine = 'param w = [1, 1]\nloss = w[0] ** 2 + 10 * w[1] ** 2\n';
    const train = 'train loss { steps = 50 }\ntune { lr = choice(1e-3, 1e-2, 4e-2, 10) }';
    const events = eventsOf(await modelOf(ravine + train));
    assert.deepEqual(bestOf(events).settings, { lr: 4e-2 });
    assert.match(trialsOf(events)[3]!.failure!, /the loss is not finite at step \d+/);
  });

  it('reads the file anew: sizes, keys, arguments of schedules and of positional calls', async () => {
    const file = [
      'size = 2',
      'param w : [size] ~ ones()',
      'loss = sum(w ** 2)',
      'train loss { optimizer = sgd(0.5); steps = 1 }',
      'tune { size = choice(3); lr = choice(0.25); steps = choice(2); momentum = choice(0.5) }',
    ].join('\n');
    const { model } = await modelOf(file);
    const changed = model.tuning!.withSettings({ size: 3, lr: 0.25, steps: 2, momentum: 0.5 });
    assert.deepEqual(changed.parameters[0]!.sizes, [3]);
    const { optimizer, steps } = changed.trainings[0]!;
    assert.deepEqual([steps, optimizer.settings.lr, optimizer.settings.momentum], [2, 0.25, 0.5]);
    assert.equal(model.parameters[0]!.sizes[0], 2, 'the file as it stands is left alone');
  });

  it('tunes a file without a train block by the defaults', async () => {
    const events = eventsOf(await modelOf('param w = 3\nloss = w ** 2\ntune { lr = choice(0.1, 0.4) }'));
    assert.deepEqual(bestOf(events).settings, { lr: 0.4 });
  });

  it('trains the best setting as long as was best for the folds, where nothing is left to stop early by', async () => {
    const train =
      'train loss { optimizer = sgd(lr = 0.3); batch = 8; epochs = 30; early_stop = 2; split = [0.6, 0.2, 0.2] }';
    const events = eventsOf(await modelOf(text(train, 'tune { folds = 3 }')));
    const last = events.filter(event => event.kind === 'step' && event.fold === undefined).length;
    assert.equal(last % 3, 0, '24 rows are three batches an epoch');
    assert.ok(last > 0 && last < 90, String(last));
    assert.equal(testOf(events)!.trainingRows, 24);
  });

  it('goes on after a setting that does not fit, and says so when none does', async () => {
    const file = (widths: string): string =>
      `width = 2\nparam w : [width] ~ ones()\nloss = sum((w - [1, 2]) ** 2)\ntrain loss { steps = 1 }\ntune { width = choice(${widths}) }`;
    const events = eventsOf(await modelOf(file('3, 2')));
    assert.match(trialsOf(events)[0]!.failure!, /3/);
    assert.deepEqual(bestOf(events).settings, { width: 2 });
    const none = await modelOf(file('3, 4'));
    assert.throws(() => eventsOf(none), /no trial could be trained; the first one: .*3/);
  });
});
