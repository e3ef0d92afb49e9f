import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { main } from '../../../src/cli/main';
import { styleFor } from '../../../src/cli/style';

const folder = join(resolve(__dirname, '../../..'), 'examples');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => file.endsWith('.nabla'))
  .sort();

/** Holds definitions for others to import, and nothing to run. */
const library = 'course/layers.nabla';

type Figures = Readonly<Record<string, number>>;

/** What a training promises: of its loss, and of its metrics. */
const promises: Readonly<Record<string, (loss: number, metrics: Figures) => boolean>> = {
  'course/04-zero-weights.nabla': (loss, { accuracy }) => loss < 0.2 && accuracy! > 0.95,
  'course/05-regularization.nabla': (_, metrics) => Math.abs(metrics.mean! - 1 / 4.1) < 1e-3,
  'course/07-perceptron.nabla': (_, { o }) => o! > 0.9,
  'course/13-optimizers.nabla': (loss, m) =>
    loss < 0.1 && m.nesterov_loss! < m.momentum_loss! && m.momentum_loss! < m.sgd_loss!,
  'course/14-own-optimizer.nabla': (_, { max }) => max! < 1e-12,
  'course/15-newton.nabla': (_, { max }) => max! < 1e-6,
  'course/18-clipping.nabla': (_, { max }) => max! < 1e-6,
  'course/22-digits-conv.nabla': (_, { accuracy }) => accuracy! > 0.93,
  'course/23-recurrent.nabla': (_, m) => m.rnn_right === 1 && m.lstm_right === 1 && m.gru_right === 1,
  'course/24-nearest-and-least-squares.nabla': (_, { max }) => max! < 1e-4,
  'course/25-cross-validation.nabla': (_, { accuracy }) => accuracy! > 0.9,
  'course/27-functions-and-layers.nabla': loss => loss < 0.01,
};

async function nabla(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const status = await main(args, {
    out: text => void (out += text),
    err: text => void (err += text),
    outStyle: styleFor(false),
    errStyle: styleFor(false),
    live: false,
    columns: 120,
  });
  return { status, out, err };
}

describe('examples', function () {
  this.timeout(60_000);
  for (const file of files) {
    const path = join(folder, file);
    it(`${file} has no errors and no warnings`, async () => {
      assert.deepEqual(await nabla('check', path), { status: 0, out: '', err: '' });
    });
    if (file === library) continue;
    it(`${file} runs, and its checks hold`, async () => {
      const { status, err } = await nabla('run', path, '--json');
      assert.equal(status, 0, err);
    });
    it(`${file} has the gradients that differences measure`, async () => {
      const { status, out, err } = await nabla('gradcheck', path);
      assert.equal(status, 0, out + err);
    });
  }

  for (const [file, holds] of Object.entries(promises)) {
    it(`${file} trains as it promises`, async () => {
      const { status, out, err } = await nabla('train', join(folder, file), '--json', '--log-every', '1000');
      assert.equal(status, 0, err);
      const { loss, metrics } = JSON.parse(out.trim().split('\n').at(-1)!);
      assert.ok(holds(loss, metrics), `loss ${loss}, metrics ${JSON.stringify(metrics)}`);
    });
  }
});
