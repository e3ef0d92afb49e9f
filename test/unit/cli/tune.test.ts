import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { jsonLines, outcomeOf, Place } from './terminal';

const examples = join(resolve(__dirname, '../../..'), 'examples');

const iris = [
  'data iris = csv("iris.csv")',
  'input x : [N, 4]  = standardize(iris[:, 0:4])',
  'input y : [N] int = iris["species"]',
  'units = 4',
  'logits = dense(dense(x, units, act = tanh), 3)',
  'loss = cross_entropy(logits, y)',
  'train loss { optimizer = adam(lr = 0.01); epochs = 4; split = [0.6, 0.2, 0.2]; metrics = [accuracy(logits, y)] }',
  'tune { lr = log_uniform(1e-3, 1e-1); units = choice(4, 8); trials = 4; folds = 3; search = halving }',
  '',
].join('\n');

const square = 'param w = 3\nloss = w ** 2\n';

describe('nabla tune', () => {
  const place = new Place({
    'iris.csv': readFileSync(join(examples, 'data/iris.csv')),
    'iris.nabla': iris,
    'plain.nabla': `${square}train loss { steps = 2 }\n`,
    'square.nabla': `${square}train loss { steps = 20 }\ntune { lr = choice(0.1, 1e9, 0.4) }\n`,
    'hopeless.nabla': `${square}train loss { steps = 50 }\ntune { lr = choice(1e9, 1e10) }\n`,
    'folds.nabla': iris.replace('folds = 3', 'folds = 300'),
    'endless.nabla': `${square}train loss { steps = 100000000 }\ntune { lr = choice(1e-9, 2e-9) }\n`,
  });
  after(() => place.remove());

  it('prints a table of trials, the best one marked, its folds and the test rows', async () => {
    const { status, out, err } = await place.nabla('tune', 'iris.nabla');
    assert.deepEqual([status, err], [0, '']);
    const lines = out.split('\n');
    assert.match(lines[0]!, /^ +trial +lr +units +training +loss +accuracy$/);
    assert.match(lines[1]!, /^(★| ) +1 /);
    assert.equal(lines.slice(1, 5).filter(line => line.startsWith('★')).length, 1);
    assert.match(out, /^★ +\d .* full /m);
    assert.match(out, /^best: trial \d +lr = [\d.]+, units = [48]$/m);
    assert.match(out, /^fold 3 +loss [\d.]+ {2}accuracy [\d.]+$/m);
    assert.match(out, /^mean +loss [\d.]+ {2}accuracy [\d.]+$/m);
    assert.match(out, /^test +loss [\d.]+ {2}accuracy [\d.]+ {2}\(30 rows, trained on the other 120\)$/m);
    assert.match(out, /^4 trials in /m);
  });

  it('prints an object a line with --json, the same again', async () => {
    const { status, out, err } = await place.nabla('tune', 'iris.nabla', '--json');
    assert.deepEqual([status, err], [0, '']);
    const events = jsonLines(out);
    const kinds = new Set(events.map(each => each.event));
    assert.deepEqual(kinds, new Set(['start', 'trial', 'best', 'test', 'done']));
    assert.deepEqual(
      events.filter(each => each.event === 'trial').map(each => each.share),
      [0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 1],
    );
    const done = events.at(-1)!;
    assert.deepEqual(Object.keys(done), ['event', 'trials', 'best', 'settings', 'loss', 'seconds']);
    assert.equal(done.loss, events.findLast(each => each.event === 'best')!.loss);
    const again = await place.nabla('tune', 'iris.nabla', '--json');
    assert.deepEqual(jsonLines(again.out).slice(0, -1), events.slice(0, -1));
  });

  it('goes on after a trial that diverges, and says what became of it', async () => {
    const { status, out } = await place.nabla('tune', 'square.nabla');
    assert.equal(status, 0);
    assert.match(out, /^ +2 +1000000000 +failed {2}the loss is not finite at step \d+$/m);
    assert.match(out, /^★ +3 +0\.4 /m);
  });

  it('ends with 1 when no trial can be trained, when folds do not fit, and without a block', async () => {
    const hopeless = await place.nabla('tune', 'hopeless.nabla');
    assert.equal(hopeless.status, 1);
    assert.match(hopeless.err, /hopeless\.nabla:4:1: error\[train-config\]: no trial could be trained/);
    const folds = await place.nabla('tune', 'folds.nabla', '--json');
    assert.deepEqual([folds.status, folds.out], [1, '']);
    assert.match(
      folds.err,
      /folds\.nabla:8:\d+: error\[argument-value\]: folds is 300, and there are 120 rows/,
    );
    const plain = await place.nabla('tune', 'plain.nabla');
    assert.deepEqual([plain.status, plain.out], [1, '']);
    assert.match(plain.err, /^nabla: plain\.nabla: there is no `tune` block/);
  });

  it('ends with 130 when it is interrupted, with what is known', async () => {
    const child = place.start('tune', 'endless.nabla', '--json');
    const ended = outcomeOf(child);
    await new Promise(done => child.stdout!.once('data', done));
    child.kill('SIGINT');
    const { status, out, err } = await ended;
    assert.equal(status, 130);
    assert.deepEqual(
      jsonLines(out).map(each => each.event),
      ['start'],
    );
    assert.match(err, /^nabla: interrupted/);
  });
});
