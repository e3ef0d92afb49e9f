import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';

/** What the learning rate is multiplied by, as a graph over `k`, the number of updates made so far. */
type ScheduleFunction = (b: Builder, k: Node, settings: Readonly<Record<string, number>>) => Node;

/**
 * PyTorch's StepLR, ExponentialLR, CosineAnnealingLR (held at `min` once `total` updates are made) and a linear warm-up,
 * each stepped after every update.
 */
export const schedules: Readonly<Record<string, ScheduleFunction>> = {
  constant: b => b.constant(1),
  step: (b, k, { size, gamma }) =>
    b.pow(b.constant(gamma!), b.elementwise('floor', [b.div(k, b.constant(size!))])),
  exponential: (b, k, { gamma }) => b.pow(b.constant(gamma!), k),
  // I. Loshchilov, F. Hutter, "SGDR", 2017, without restarts.
  cosine: (b, k, { total, min }) => {
    const share = b.minimum(b.div(k, b.constant(total!)), b.constant(1));
    const wave = b.add(b.constant(1), b.elementwise('cos', [b.mul(b.constant(Math.PI), share)]));
    return b.add(b.constant(min!), b.mul(b.constant((1 - min!) / 2), wave));
  },
  warmup: (b, k, { steps }) => b.minimum(b.constant(1), b.div(b.add(k, b.constant(1)), b.constant(steps!))),
};
