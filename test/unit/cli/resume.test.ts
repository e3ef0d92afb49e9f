import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { jsonLines, outcomeOf, Place } from './terminal';

const model = (keys: string, units = 4): string => `
data d = csv("d.csv")
input x : [N] = d["a"]
input y : [N] = d["b"]
loss = mse(dense(dropout(dense(expand(x, 1), ${units}), p = 0.2), 1), expand(y, 1))
train loss { optimizer = adam(lr = 0.02); batch = 4; ${keys} }
`;

const rows = (factor: number): string =>
  `a,b\n${Array.from({ length: 20 }, (_, i) => `${i / 10},${(factor * i) / 10}`).join('\n')}\n`;

/** Without the time that a run took. */
const events = (out: string): unknown[] =>
  jsonLines(out).map(({ seconds, ...event }) => {
    assert.ok(seconds === undefined || typeof seconds === 'number');
    return event;
  });

describe('nabla train --resume', () => {
  const place = new Place({
    'm.nabla': model('epochs = 6; split = 0.8'),
    'longer.nabla': model('epochs = 8; split = 0.8'),
    'wider.nabla': model('epochs = 6; split = 0.8', 6),
    'endless.nabla': model('epochs = 10000000; split = 0.8'),
    'often.nabla': model('epochs = 7; checkpoint = 3'),
    'diverge.nabla': 'param w = 3\ntrain w ** 4 { optimizer = sgd(lr = 1); steps = 50 }\n',
    'singular.nabla':
      'param a = 3\nparam b = 1\nloss = (a + b - 2) ** 2\ntrain loss { optimizer = newton(); steps = 3 }\n',
    'd.csv': rows(2),
  });
  after(() => place.remove());

  it('goes on as if nothing had happened', async () => {
    const whole = await place.nabla('train', 'm.nabla', '--json', '--params-json');
    const first = await place.nabla(
      'train',
      'm.nabla',
      '--json',
      '--params-json',
      '--steps',
      '9',
      '--out',
      'a',
    );
    assert.equal(first.status, 0, first.err);
    const second = await place.nabla('train', 'm.nabla', '--json', '--params-json', '--resume', 'a');
    assert.deepEqual([second.status, second.err], [0, '']);
    assert.deepEqual([...events(first.out).slice(0, -1), ...events(second.out)], events(whole.out));
  });

  it('goes on after Ctrl-C in the same folder, whose events continue', async () => {
    const child = place.start('train', 'endless.nabla', '--json', '--out', 'b');
    const outcome = outcomeOf(child);
    await new Promise(resolve => child.stdout!.once('data', resolve));
    child.kill('SIGINT');
    const first = await outcome;
    assert.equal(first.status, 130);
    const told = events(first.out);
    const steps = told.filter(event => (event as { event: string }).event === 'step').length;
    const more = String(steps + 7);
    const second = await place.nabla(
      ...['train', 'endless.nabla', '--json', '--steps', more, '--resume', 'b', '--out', 'b'],
    );
    assert.deepEqual([second.status, second.err], [0, '']);
    const whole = await place.nabla('train', 'endless.nabla', '--json', '--steps', more);
    assert.deepEqual([...told, ...events(second.out)], events(whole.out));
    const kept = jsonLines(readFileSync(place.path('b/events.jsonl'), 'utf8'));
    assert.deepEqual(kept, events(whole.out).slice(0, -1));
  });

  it('keeps the seed that the run began with', async () => {
    await place.nabla('train', 'm.nabla', '--steps', '5', '--seed', '4', '--out', 'c');
    const whole = await place.nabla('train', 'm.nabla', '--json', '--steps', '8', '--seed', '4');
    const second = await place.nabla('train', 'm.nabla', '--json', '--steps', '8', '--resume', 'c');
    assert.deepEqual(events(second.out), events(whole.out).slice(-events(second.out).length));
    const other = await place.nabla('train', 'm.nabla', '--resume', 'c', '--seed', '5');
    assert.equal(other.status, 1);
    assert.match(other.err, /--resume c: the run has the seed 4, which --seed cannot change/);
  });

  it('warns of a model or of data that have changed', async () => {
    const text = await place.nabla('train', 'longer.nabla', '--json', '--resume', 'a');
    assert.equal(text.status, 0);
    assert.equal(text.err, '--resume a: warning: the text of the model has changed since the checkpoint\n');
    place.write('d.csv', rows(3));
    const data = await place.nabla('train', 'm.nabla', '--json', '--resume', 'a');
    place.write('d.csv', rows(2));
    assert.equal(data.status, 0);
    assert.equal(data.err, '--resume a: warning: input y is fed other data than before the checkpoint\n');
  });

  it('says which tensors do not fit', async () => {
    const { status, err, out } = await place.nabla('train', 'wider.nabla', '--json', '--resume', 'a');
    assert.deepEqual([status, out], [1, '']);
    assert.match(
      err,
      /--resume a: the checkpoint does not fit the model: \S+ is \[1, 4\], and the model's is \[1, 6\]/,
    );
  });

  it('says what is wrong with the folder', async () => {
    const none = await place.nabla('train', 'm.nabla', '--resume', 'nowhere');
    assert.equal(none.status, 1);
    assert.match(
      none.err,
      /--resume nowhere: there is no checkpoint\.json; name a folder that nabla train --out/,
    );
    const both = await place.nabla('train', 'm.nabla', '--resume', 'a', '--params', 'a/params.safetensors');
    assert.equal(both.status, 2);
    assert.match(both.err, /--resume and --params both say where to start/);
  });

  it('writes nothing without --out', async () => {
    const before = readFileSync(place.path('a/checkpoint.json'), 'utf8');
    await place.nabla('train', 'm.nabla', '--resume', 'a');
    assert.equal(readFileSync(place.path('a/checkpoint.json'), 'utf8'), before);
  });

  it('finds a checkpoint from before a divergence', async () => {
    const { status } = await place.nabla('train', 'diverge.nabla', '--out', 'e');
    assert.equal(status, 1);
    const { step } = JSON.parse(readFileSync(place.path('e/checkpoint.json'), 'utf8')) as { step: number };
    assert.ok(step < 50);
    assert.equal((await place.nabla('train', 'diverge.nabla', '--resume', 'e')).status, 1);
  });

  it('finds checkpoints every so many epochs', async () => {
    // The end of a run is one, too, so that only a killed one shows the others.
    await place.nabla('train', 'often.nabla', '--steps', '33', '--out', 'f');
    const record = readFileSync(place.path('f/checkpoint.json'), 'utf8');
    assert.equal((JSON.parse(record) as { step: number }).step, 33);
    assert.ok(existsSync(place.path('f/checkpoint.a.safetensors')));
    assert.ok(existsSync(place.path('f/checkpoint.b.safetensors')));
    rmSync(place.path('f'), { recursive: true });
  });

  it('says on standard error why a Newton step is not the exact one', async () => {
    const { status, err } = await place.nabla('train', 'singular.nabla', '--json');
    assert.equal(status, 0);
    assert.match(
      err,
      /singular\.nabla:4:1: warning\[train-config\]: the Hessian is singular \(rank 1 of 2\)/,
    );
    assert.equal(err.split('\n').length, 2);
  });
});
