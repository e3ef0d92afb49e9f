/** A layer of a benchmark's net: what it costs and holds, a row of the batch unless said otherwise. */
interface Layer {
  /** Trained numbers, once for all rows. */
  readonly parameters: number;
  /** Multiplications of the forward pass; the gradient of the weights takes as many. */
  readonly products: number;
  /** Multiplications that take the gradient on to the layer before; none in a first layer. */
  readonly backward: number;
  /** Numbers that the backward pass needs: results after the activation and after the pool. */
  readonly kept: number;
}

/** One of the models in `models`, with what has been promised for it. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly batch: number;
  readonly inputs: number;
  readonly layers: readonly Layer[];
  /** Numbers an optimiser keeps for each parameter. */
  readonly state: number;
  /** The largest time of a step against the best of PyTorch's. */
  readonly goal: number;
}

function dense(inputs: number, units: number, first = false): Layer {
  const products = inputs * units;
  return { parameters: products + units, products, backward: first ? 0 : products, kept: units };
}

/** A convolution that keeps the size of its images, its ReLU, and where said a pool of 2 x 2. */
function conv(
  channels: number,
  filters: number,
  kernel: number,
  size: number,
  { first = false, pool = false } = {},
): Layer {
  const weights = channels * filters * kernel ** 2;
  const products = weights * size ** 2;
  return {
    parameters: weights + filters,
    products,
    backward: first ? 0 : products,
    kept: filters * size ** 2 * (pool ? 1.25 : 1),
  };
}

/** Kept of each step: four gates, the cell, its tanh, and the state. The inputs need no gradient. */
function lstm(steps: number, inputs: number, hidden: number): Layer {
  const recurrent = hidden * 4 * hidden;
  const entering = inputs * 4 * hidden;
  return {
    parameters: recurrent + entering + 4 * hidden,
    products: steps * (recurrent + entering),
    backward: steps * recurrent,
    kept: steps * 7 * hidden,
  };
}

const xor = { batch: 4, inputs: 2, layers: [dense(2, 16, true), dense(16, 16), dense(16, 1)], goal: 0.02 };
const big = { batch: 128, inputs: 784, layers: [dense(784, 1024, true), dense(1024, 1024), dense(1024, 10)] };

export const workloads: readonly Workload[] = [
  { name: 'xor', title: 'MLP 2-16-16-1 tanh, batch 4, SGD', state: 0, ...xor },
  { name: 'xor-adam', title: 'MLP 2-16-16-1 tanh, batch 4, Adam', state: 2, ...xor },
  {
    name: 'mnist-mlp',
    title: 'MLP 784-128-10, batch 64, SGD',
    batch: 64,
    inputs: 784,
    layers: [dense(784, 128, true), dense(128, 10)],
    state: 0,
    goal: 0.4,
  },
  { name: 'big-mlp', title: 'MLP 784-1024-1024-10, batch 128, SGD', state: 0, goal: 0.72, ...big },
  { name: 'big-mlp-adam', title: 'MLP 784-1024-1024-10, batch 128, Adam', state: 2, goal: 0.33, ...big },
  {
    name: 'lenet',
    title: 'conv 5x5x8, pool, conv 5x5x16, pool, dense; 28x28, batch 64',
    batch: 64,
    inputs: 784,
    layers: [
      conv(1, 8, 5, 28, { first: true, pool: true }),
      conv(8, 16, 5, 14, { pool: true }),
      dense(784, 10),
    ],
    state: 0,
    goal: 0.95,
  },
  {
    name: 'cifar-cnn',
    title: 'conv 3x3 32-32-pool-64-pool, dense; 3x32x32, batch 64',
    batch: 64,
    inputs: 3072,
    layers: [
      conv(3, 32, 3, 32, { first: true }),
      conv(32, 32, 3, 32, { pool: true }),
      conv(32, 64, 3, 16, { pool: true }),
      dense(4096, 10),
    ],
    state: 0,
    goal: 0.6,
  },
  {
    name: 'lstm',
    title: 'LSTM of 64 over 32 steps of 16, dense; batch 32',
    batch: 32,
    inputs: 512,
    layers: [lstm(32, 16, 64), dense(64, 4)],
    state: 0,
    goal: 0.33,
  },
];

const total = (layers: readonly Layer[], of: (layer: Layer) => number): number =>
  layers.reduce((sum, layer) => sum + of(layer), 0);

export function parameterCount({ layers }: Workload): number {
  return total(layers, layer => layer.parameters);
}

/** Floating-point operations of the matrix products and convolutions of one step; the rest is little beside them. */
export function flops({ layers, batch }: Workload): number {
  return 2 * batch * total(layers, layer => 2 * layer.products + layer.backward);
}

/**
 * The least that training must hold at once, in bytes of 32-bit numbers: parameters, the optimiser's state, results that
 * the backward pass needs, and one batch with its labels. Gradients are not counted: they can take the place of results.
 */
export function leastBytes(workload: Workload): number {
  const { layers, batch, inputs, state } = workload;
  const lasting = (1 + state) * parameterCount(workload);
  return 4 * (lasting + batch * (total(layers, layer => layer.kept) + inputs + 1));
}
