import type { Node } from '../graph/node';
import type { Call, Implementation } from './call';
import { mean } from './reductions';
import { oneHot } from './shapes';

/** The class with the largest score, along the last axis; ints are taken as class numbers already. */
function predicted(call: Call): Node {
  const scores = call.node('logits');
  const last = scores.shape.length - 1;
  return call.b.apply('argmax', [scores], { axis: last });
}

/** Class numbers: a distribution of the scores' rank is turned into its largest entry. */
function labelled(call: Call): Node {
  const labels = call.node('labels');
  const rank = call.node('logits').shape.length;
  return labels.shape.length === rank
    ? call.b.apply('argmax', [labels], { axis: rank - 1 })
    : call.b.cast(labels, 'int');
}

export const metrics: Readonly<Record<string, Implementation>> = {
  /** Share of examples whose largest score is at the label. */
  accuracy: call => {
    const { b } = call;
    const scores = call.node('logits');
    if (scores.shape.length === 0)
      call.fail('rank', 'accuracy takes scores with an axis of classes', 'logits');
    const hits = b.toFloat(b.equal(predicted(call), labelled(call)));
    return hits.shape.length === 0
      ? hits
      : mean(
          b,
          hits,
          hits.shape.map((_, axis) => axis),
        );
  },
  /** Counts `[classes, classes]`: rows are true classes, columns predicted ones. */
  confusion: call => {
    const { b } = call;
    const scores = call.node('logits');
    if (scores.shape.length !== 2)
      call.fail('rank', `confusion takes scores [N, C]; ${call.describe('logits')}`, 'logits');
    const classes = scores.shape[1]!;
    const truth = oneHot(b, labelled(call), classes);
    return b.cast(b.contract(truth, oneHot(b, predicted(call), classes), 'ni', 'nj', 'ij'), 'int');
  },
  /** 1 - (residual sum of squares) / (total sum of squares). */
  r2: call => {
    const { b } = call;
    const [y, prediction] = [b.toFloat(call.node('b')), b.toFloat(call.node('a'))];
    const axes = y.shape.map((_, axis) => axis);
    const total = b.sumAll(b.square(b.sub(y, mean(b, y, axes))));
    return b.sub(b.constant(1), b.div(b.sumAll(b.square(b.sub(y, prediction))), total));
  },
};
