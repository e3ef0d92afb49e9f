import { constantDim } from '../graph/dimension';
import type { Node } from '../graph/node';
import { elementCount } from '../graph/shape';
import type { Builder } from '../ops/builder';
import type { Call, Implementation } from './call';
import { padLast, requireFit, requireForm, type Sliding, slide, times } from './windows';

/** Axes of one window. */
const WINDOW = 2;

function readPool(call: Call): { x: Node; sliding: Sliding } {
  const x = call.b.toFloat(call.node('x'));
  requireForm(call, x, [3, 4], 'images [N, C, H, W]');
  const kernel = call.wholes('size', WINDOW, 1);
  const sliding = {
    kernel,
    stride: call.given('stride') ? call.wholes('stride', WINDOW, 1) : kernel,
    padding: call.wholes('padding', WINDOW, 0),
    dilation: [1, 1],
  };
  const { padding } = sliding;
  // A window would lie in the padding alone.
  if (padding.some((p, i) => p > kernel[i]! / 2)) {
    call.fail(
      'argument-value',
      `padding ${times(padding)} is more than half of the window of ${times(kernel)}`,
      'padding',
    );
  }
  requireFit(call, x, sliding, 'size');
  return { x, sliding };
}

/** True inside, false in the padding, over the last two axes. */
function inside(b: Builder, x: Node, padding: readonly number[]): Node {
  const plane = x.shape.slice(-WINDOW);
  return padLast(b, b.broadcastTo(b.constant(1, 'bool'), plane), padding);
}

/**
 * The largest of each window; what lies outside counts as minus infinity. One place alone is chosen, the first that
 * attains the maximum, so that all of the gradient goes there, as in PyTorch.
 */
function maxPool(call: Call): Node {
  const { b } = call;
  const { x, sliding } = readPool(call);
  let padded = padLast(b, x, sliding.padding);
  if (padded !== x) {
    const lowest = b.constant(Number.NEGATIVE_INFINITY);
    padded = b.where(inside(b, x, sliding.padding), padded, lowest);
  }
  const windows = slide(b, padded, { ...sliding, padding: [0, 0] });
  const places = windows.shape.slice(0, -WINDOW);
  const axis = places.length;
  const rows = b.reshape(windows, [...places, elementCount(windows.shape.slice(-WINDOW))]);
  const first = b.apply('argmax', [rows], { axis });
  const chosen = b.equal(b.iota(rows.shape, axis), b.broadcast(first, rows.shape, [axis]));
  return b.sum(b.where(chosen, rows, b.constant(0)), [axis]);
}

/** The mean of each window; with `count_padding` the zeros outside count too. */
function averagePool(call: Call): Node {
  const { b } = call;
  const { x, sliding } = readPool(call);
  const sums = (image: Node): Node => {
    const windows = slide(b, image, sliding);
    return b.sum(windows, [windows.shape.length - 2, windows.shape.length - 1]);
  };
  const total = sums(x);
  const padded = sliding.padding.some(p => p > 0);
  if (!padded || call.flag('count_padding')) {
    return b.div(total, b.toFloat(b.size(elementCount(sliding.kernel.map(constantDim)))));
  }
  const plane = x.shape.slice(-WINDOW);
  return b.div(total, sums(b.broadcastTo(b.constant(1), plane)));
}

export const pooling: Readonly<Record<string, Implementation>> = {
  max_pool2d: maxPool,
  avg_pool2d: averagePool,
};
