import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { projectRoot } from '../../vscode/host/paths';
import { serve } from './serve';

/*
 * The models of ../models in TensorFlow.js, with `optimizer.minimize` over the core's operations, which leaves
 * out what `LayersModel.trainOnBatch` does around it. Usage: tfjs.ts cpu|wasm THREADS
 */

type Forward = (x: tf.Tensor) => tf.Tensor;

interface Peer {
  readonly net: () => Forward;
  readonly optimizer: () => tf.Optimizer;
  readonly batch: readonly number[];
  /** Absent where a number is regressed. */
  readonly classes?: number;
}

const sgd = (): tf.Optimizer => tf.train.sgd(0.01);
const adam = (): tf.Optimizer => tf.train.adam(0.001);

function weights(...shape: number[]): tf.Variable {
  const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return tf.variable(tf.randomNormal(shape, 0, 1 / Math.sqrt(fanIn), 'float32', 1));
}

function dense(inputs: number, units: number): Forward {
  const W = weights(inputs, units);
  const b = tf.variable(tf.zeros([units]));
  return x => tf.add(tf.matMul(x as tf.Tensor2D, W as unknown as tf.Tensor2D), b);
}

function conv(channels: number, filters: number, kernel: number): Forward {
  const W = weights(kernel, kernel, channels, filters);
  const b = tf.variable(tf.zeros([filters]));
  return x => tf.add(tf.conv2d(x as tf.Tensor4D, W as unknown as tf.Tensor4D, 1, 'same'), b);
}

const pool: Forward = x => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
const flatten: Forward = x => tf.reshape(x, [x.shape[0]!, -1]);

const chain =
  (...layers: Forward[]): Forward =>
  x =>
    layers.reduce((value, layer) => layer(value), x);

/** Scores from the last state, unrolled; gates in the order i, g, f, o, as the core's cell has them. */
function lastState(steps: number, inputs: number, hidden: number, classes: number): Forward {
  const W = weights(inputs + hidden, 4 * hidden);
  const b = tf.variable(tf.zeros([4 * hidden]));
  const scores = dense(hidden, classes);
  const forget = tf.scalar(0);
  return x => {
    const batch = x.shape[0]!;
    let c = tf.zeros([batch, hidden]) as tf.Tensor2D;
    let h = c;
    for (const step of tf.unstack(x, 1).slice(0, steps)) {
      [c, h] = tf.basicLSTMCell(
        forget,
        W as unknown as tf.Tensor2D,
        b as unknown as tf.Tensor1D,
        step as tf.Tensor2D,
        c,
        h,
      );
    }
    return scores(h);
  };
}

const xor = (): Forward => chain(dense(2, 16), tf.tanh, dense(16, 16), tf.tanh, dense(16, 1));
const bigMlp = (): Forward => chain(dense(784, 1024), tf.relu, dense(1024, 1024), tf.relu, dense(1024, 10));

const peers: Readonly<Record<string, Peer>> = {
  xor: { net: xor, optimizer: sgd, batch: [4, 2] },
  'xor-adam': { net: xor, optimizer: adam, batch: [4, 2] },
  'mnist-mlp': {
    net: () => chain(dense(784, 128), tf.relu, dense(128, 10)),
    optimizer: sgd,
    batch: [64, 784],
    classes: 10,
  },
  'big-mlp': { net: bigMlp, optimizer: sgd, batch: [128, 784], classes: 10 },
  'big-mlp-adam': { net: bigMlp, optimizer: adam, batch: [128, 784], classes: 10 },
  lenet: {
    net: () => chain(conv(1, 8, 5), tf.relu, pool, conv(8, 16, 5), tf.relu, pool, flatten, dense(784, 10)),
    optimizer: sgd,
    batch: [64, 28, 28, 1],
    classes: 10,
  },
  'cifar-cnn': {
    net: () =>
      chain(
        chain(conv(3, 32, 3), tf.relu, conv(32, 32, 3), tf.relu, pool),
        chain(conv(32, 64, 3), tf.relu, pool, flatten, dense(4096, 10)),
      ),
    optimizer: sgd,
    batch: [64, 32, 32, 3],
    classes: 10,
  },
  lstm: { net: () => lastState(32, 16, 64, 4), optimizer: sgd, batch: [32, 32, 16], classes: 4 },
};

function trainingStep({ net, optimizer, batch, classes }: Peer): () => void {
  const forward = net();
  const method = optimizer();
  const x = tf.randomNormal([...batch], 0, 1, 'float32', 1);
  const rows = batch[0]!;
  const labels = Array.from({ length: rows }, (_, i) => i % (classes ?? 1));
  const y = classes
    ? tf.cast(tf.oneHot(labels, classes), 'float32')
    : tf.randomNormal([rows, 1], 0, 1, 'float32', 2);
  const loss = (): tf.Scalar => {
    const out = forward(x);
    return (
      classes ? tf.losses.softmaxCrossEntropy(y, out) : tf.losses.meanSquaredError(y, out)
    ) as tf.Scalar;
  };
  return () => {
    const value = method.minimize(loss, true)!;
    // Reading the loss makes sure that all work has been done.
    value.dataSync();
    value.dispose();
  };
}

async function main(): Promise<void> {
  const [backend, threads] = process.argv.slice(2);
  tf.env().set('PROD', true);
  if (backend === 'wasm') {
    setWasmPaths(`${path.join(projectRoot, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}${path.sep}`);
    setThreadsCount(Number(threads));
  }
  await tf.setBackend(backend!);
  await tf.ready();
  await serve(`tfjs ${tf.version_core}`, async name => {
    const peer = peers[name];
    if (!peer) throw new Error(`there is no model ${name}`);
    return { step: trainingStep(peer) };
  });
}

void main();
