import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodeSafetensors } from '../../../src/interop/safetensors';
import { Place } from './terminal';

const text = `
data m = moons(n = 40, noise = 0.1, seed = 3)
input x : [N, 2] = m[["x0", "x1"]]
input y : [N] int = m["label"]
d = dense(x, 6)
n = batch_norm(d)
h = dropout(relu(n), 0.4)
loss = cross_entropy(dense(h, 2), y)
train loss { optimizer = adam(lr = 0.05); batch = 8; epochs = 4; split = 0.8 }
`;

interface Shown {
  readonly nodes: readonly { readonly name: string; readonly op: string; readonly value: number }[];
}

describe('modes on the command line', () => {
  const place = new Place({ 'm.nabla': text });
  after(() => place.remove());

  const lossOf = async (...args: string[]): Promise<number> => {
    const { status, out, err } = await place.nabla('run', 'm.nabla', '--json', ...args);
    assert.equal(status, 0, err);
    return (JSON.parse(out) as Shown).nodes.find(node => node.name === 'loss')!.value;
  };

  it('show training unless told', async () => {
    const [plain, train, evaluated] = [
      await lossOf(),
      await lossOf('--mode', 'train'),
      await lossOf('--mode', 'eval'),
    ];
    assert.equal(plain, train);
    assert.notEqual(plain, evaluated);
    const { out } = await place.nabla('run', 'm.nabla', '--json', '--mode', 'eval');
    const names = (JSON.parse(out) as Shown).nodes.map(({ name, op }) => `${name} ${op}`);
    assert.ok(names.includes('n.running_mean buffer'), names.join('\n'));
    assert.ok(names.includes('h dropout'), names.join('\n'));
  });

  it('save running statistics with the parameters and read them again', async () => {
    const { status, err } = await place.nabla('train', 'm.nabla', '--out', 'run');
    assert.equal(status, 0, err);
    const stored = decodeSafetensors(readFileSync(place.path('run/params.safetensors')));
    assert.deepEqual([...stored.keys()].sort(), [
      'd.W',
      'd.b',
      'loss.W',
      'loss.b',
      'n.beta',
      'n.gamma',
      'n.running_mean',
      'n.running_var',
    ]);
    const params = ['--params', 'run/params.safetensors'];
    assert.ok((await lossOf('--mode', 'eval', ...params)) < (await lossOf('--mode', 'eval')));
  });

  it('check gradients in training, with the mask held', async () => {
    const { status, out, err } = await place.nabla('gradcheck', 'm.nabla');
    assert.equal(status, 0, `${out}${err}`);
  });

  it('go on from a checkpoint bit for bit', async () => {
    const losses = (out: string): number[] =>
      out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as { event: string; loss: number; val_loss?: number })
        .filter(({ event }) => event !== 'done')
        .map(({ loss, val_loss }) => val_loss ?? loss);
    const whole = await place.nabla('train', 'm.nabla', '--json', '--steps', '12');
    await place.nabla('train', 'm.nabla', '--json', '--steps', '6', '--out', 'half');
    const rest = await place.nabla('train', 'm.nabla', '--json', '--steps', '12', '--resume', 'half');
    assert.equal(rest.status, 0, rest.err);
    const after = losses(rest.out);
    assert.ok(after.length > 0);
    assert.deepEqual(after, losses(whole.out).slice(-after.length));
  });
});
