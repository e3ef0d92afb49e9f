import { constantDim, constantValue, type Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import { elementCount } from '../graph/shape';
import type { Builder } from '../ops/builder';
import type { Call, Implementation } from './call';
import { allAxes, countAlong, mean } from './reductions';

interface Moments {
  readonly mean: Node;
  /** The biased one: the mean of the squared deviations. */
  readonly variance: Node;
}

function moments(b: Builder, x: Node, axes: readonly number[]): Moments {
  const center = mean(b, x, axes);
  return { mean: center, variance: mean(b, b.square(b.sub(x, b.spread(center, x, axes))), axes) };
}

/** (x - mean) / sqrt(variance + eps), with the statistics repeated along `axes`. */
function normalize(
  b: Builder,
  x: Node,
  { mean: center, variance }: Moments,
  axes: number[],
  eps: number,
): Node {
  const deviation = b.sqrt(b.add(variance, b.constant(eps)));
  return b.div(b.sub(x, b.spread(center, x, axes)), b.spread(deviation, x, axes));
}

/** gamma * x + beta, parameters of the call, repeated along `axes`. */
function scaleAndShift(call: Call, x: Node, size: Dim, axes: readonly number[]): Node {
  const { b } = call;
  const gamma = call.parameter('gamma', [size], { kind: 'constant', value: 1 });
  const beta = call.parameter('beta', [size], { kind: 'constant', value: 0 });
  return b.add(b.mul(b.spread(gamma, x, axes), x), b.spread(beta, x, axes));
}

function readEps(call: Call): number {
  const eps = call.number('eps');
  if (!(eps >= 0)) call.fail('argument-value', `eps is a number from 0, not ${eps}`, 'eps');
  return eps;
}

/**
 * S. Ioffe, C. Szegedy, "Batch normalization", 2015. In training each channel is normalised with the mean and the
 * biased variance of the batch, and the running statistics move towards the mean and the unbiased variance by
 * `momentum`, as in PyTorch; in evaluation the running ones normalise.
 */
function batchNorm(call: Call): Node {
  const { b } = call;
  const x = b.toFloat(call.node('x'));
  if (x.shape.length < 2) {
    call.fail(
      'rank',
      `batch_norm needs channels in axis 1, as in [N, C] or [N, C, H, W]; ${call.describe('x')}`,
      'x',
    );
  }
  const momentum = call.number('momentum');
  if (!(momentum >= 0 && momentum <= 1)) {
    call.fail('argument-value', `momentum is a number from 0 to 1, not ${momentum}`, 'momentum');
  }
  const eps = readEps(call);
  const channels = x.shape[1]!;
  const axes = allAxes(x).filter(axis => axis !== 1);
  const own = call.training() ? batchMoments(call, x, axes) : undefined;
  const towards = (value: Node) => (present: Node) => ({
    value: b.add(b.mul(b.constant(1 - momentum), present), b.mul(b.constant(momentum), value)),
    from: own!.mean,
  });
  const keep = (name: string, initial: number, value: Node | undefined): Node =>
    call.buffer(name, [channels], initial, value && towards(b.stopGradient(value)));
  const runningMean = keep('running_mean', 0, own?.mean);
  const runningVariance = keep('running_var', 1, own && unbiased(b, own.variance, x, axes));
  const used = own ?? { mean: runningMean, variance: runningVariance };
  return scaleAndShift(call, normalize(b, x, used, axes, eps), channels, axes);
}

function batchMoments(call: Call, x: Node, axes: readonly number[]): Moments {
  const count = constantValue(elementCount(axes.map(axis => x.shape[axis]!)));
  if (count === 1) {
    call.fail(
      'shape-mismatch',
      `one value a channel has no variance to train on; ${call.describe('x')}`,
      'x',
    );
  }
  return moments(call.b, x, axes);
}

/** variance * n / (n - 1). A last batch of one example has no unbiased variance and counts as 0. */
function unbiased(b: Builder, variance: Node, x: Node, axes: readonly number[]): Node {
  const count = countAlong(b, x, axes);
  const rest = b.maximum(b.sub(count, b.constant(1)), b.constant(1));
  return b.mul(variance, b.div(count, rest));
}

/** J. Ba, J. Kiros, G. Hinton, "Layer normalization", 2016, over the last axis. */
function layerNorm(call: Call): Node {
  const { b } = call;
  const x = b.toFloat(call.node('x'));
  if (x.shape.length === 0) call.fail('rank', `layer_norm needs an axis; ${call.describe('x')}`, 'x');
  const last = x.shape.length - 1;
  const normalized = normalize(b, x, moments(b, x, [last]), [last], readEps(call));
  const before = allAxes(x).slice(0, -1);
  return scaleAndShift(call, normalized, x.shape[last] ?? constantDim(1), before);
}

export const normalizationLayers: Readonly<Record<string, Implementation>> = {
  batch_norm: batchNorm,
  layer_norm: layerNorm,
};
