import { compareDims } from '../graph/dimension';
import type { Node } from '../graph/node';
import { compatibleShapes } from '../graph/shape';
import type { Call, Implementation } from './call';
import { mean } from './reductions';
import { oneHot, pick } from './shapes';
import { logSoftmax } from './softmax';

/** Applies `reduction = mean | sum | none` to one loss an example or element. */
function reduce(call: Call, losses: Node): Node {
  const { b } = call;
  const axes = losses.shape.map((_, axis) => axis);
  switch (call.word('reduction')) {
    case 'none':
      return losses;
    case 'sum':
      return b.sum(losses, axes);
    default:
      return axes.length === 0 ? losses : mean(b, losses, axes);
  }
}

/** Two operands of an elementwise loss, with the classic silent mistake reported: `[N]` against `[N, 1]`. */
function pair(call: Call, left: string, right: string): [Node, Node] {
  const [a, c] = [call.b.toFloat(call.node(left)), call.b.toFloat(call.node(right))];
  const [short, long] = a.shape.length < c.shape.length ? [a, c] : [c, a];
  const column = long.shape.length === short.shape.length + 1 && long.shape.at(-1)!.key === '1';
  if (column && short.shape.length > 0) {
    call.warn(
      'shape-broadcast',
      `${call.describe(left)} and ${call.describe(right)}: they broadcast to a table of all pairs, which is seldom ` +
        'meant; take the column with [:, 0]',
      right,
    );
  }
  return [a, c];
}

function elementwiseLoss(
  left: string,
  right: string,
  loss: (call: Call, a: Node, c: Node) => Node,
): Implementation {
  return call => reduce(call, loss(call, ...pair(call, left, right)));
}

/**
 * The targets of a classification loss: labels of the scores' own shape are a distribution, labels with one axis less
 * are class numbers.
 */
function targets(call: Call, scores: Node): { readonly distribution: boolean; readonly labels: Node } {
  const labels = call.node('labels');
  if (scores.shape.length === 0) call.fail('rank', 'the scores need an axis of classes');
  const examples = scores.shape.slice(0, -1);
  if (labels.shape.length === scores.shape.length && compatibleShapes(labels.shape, scores.shape)) {
    return { distribution: true, labels: call.b.toFloat(labels) };
  }
  if (!compatibleShapes(labels.shape, examples)) {
    call.fail(
      'shape-mismatch',
      `labels are one class number an example, or a distribution of the scores' shape; ${call.describe('labels')}`,
      'labels',
    );
  }
  labels.shape.forEach((dim, axis) => {
    if (compareDims(dim, examples[axis]!) !== 'open') return;
    const message = `${call.name} needs one label an example`;
    call.b.graph.addConstraint({ left: dim, right: examples[axis]!, message });
  });
  return { distribution: false, labels };
}

/** -log p of the true class, or -sum(q log p) for a distribution q. */
function negativeLogLikelihood(call: Call, logProbabilities: Node): Node {
  const { b } = call;
  const { distribution, labels } = targets(call, logProbabilities);
  const last = logProbabilities.shape.length - 1;
  return b.neg(
    distribution ? b.sum(b.mul(labels, logProbabilities), [last]) : pick(b, logProbabilities, labels),
  );
}

/** Multiclass SVM (J. Weston, C. Watkins, 1999): the sum over wrong classes j of max(0, s_j - s_y + margin). */
function hinge(call: Call): Node {
  const { b } = call;
  const scores = b.toFloat(call.node('scores'));
  const { distribution, labels } = targets(call, scores);
  if (distribution) call.fail('shape-mismatch', 'hinge takes class numbers as labels', 'labels');
  const last = scores.shape.length - 1;
  const own = b.broadcast(pick(b, scores, labels), scores.shape, [last]);
  const excess = b.relu(b.add(b.sub(scores, own), b.constant(call.number('margin'))));
  const isOwn = b.cast(oneHot(b, labels, scores.shape[last]!), 'bool');
  return reduce(call, b.sum(b.where(isOwn, b.constant(0), excess), [last]));
}

/** d^2 / 2 where |d| <= delta, else delta * (|d| - delta / 2). */
function huber(call: Call, a: Node, c: Node): Node {
  const { b } = call;
  const delta = call.number('delta');
  const distance = b.abs(b.sub(a, c));
  return b.where(
    b.lessEqual(distance, b.constant(delta)),
    b.mul(b.constant(0.5), b.square(distance)),
    b.mul(b.constant(delta), b.sub(distance, b.constant(delta / 2))),
  );
}

export const losses: Readonly<Record<string, Implementation>> = {
  hinge: hinge,
  mse: elementwiseLoss('a', 'b', ({ b }, a, c) => b.square(b.sub(a, c))),
  mae: elementwiseLoss('a', 'b', ({ b }, a, c) => b.abs(b.sub(a, c))),
  huber: elementwiseLoss('a', 'b', huber),
  // log(1 + e^s) - s y: the logistic loss of labels 0 and 1, stable for large scores.
  bce: elementwiseLoss('logits', 'labels', ({ b }, s, y) => b.sub(b.apply('softplus', [s]), b.mul(s, y))),
  // log(1 + exp(-y s)) for labels -1 and +1.
  logistic: elementwiseLoss('scores', 'labels', ({ b }, s, y) => b.apply('softplus', [b.neg(b.mul(y, s))])),
  cross_entropy: call => {
    const logits = call.node('logits');
    if (logits.shape.length === 0) call.fail('rank', 'the logits need an axis of classes', 'logits');
    return reduce(call, negativeLogLikelihood(call, logSoftmax(call.b, logits, logits.shape.length - 1)));
  },
  nll: call => reduce(call, negativeLogLikelihood(call, call.b.toFloat(call.node('logp')))),
  // sum p ln(p / q) over the last axis; terms with p = 0 count 0.
  kl_div: call => {
    const { b } = call;
    const [p, q] = b.align([b.toFloat(call.node('p')), b.toFloat(call.node('q'))]) as [Node, Node];
    const terms = b.sub(b.elementwise('xlogy', [p, p]), b.elementwise('xlogy', [p, q]));
    return reduce(call, b.sum(terms, [terms.shape.length - 1]));
  },
  entropy: call => {
    const p = call.b.toFloat(call.node('p'));
    const terms = call.b.elementwise('xlogy', [p, p]);
    return reduce(call, call.b.neg(call.b.sum(terms, [p.shape.length - 1])));
  },
};

/** The sum over all tensors, or over every parameter of the file when none is named. */
function penalty(term: (call: Call, x: Node) => Node): Implementation {
  return call => {
    const { b } = call;
    const named = call.nodes('values');
    const tensors = named.length > 0 ? named : call.allParameters();
    if (tensors.length === 0) call.fail('argument', 'no parameter is declared above this line');
    return tensors.map(x => b.sumAll(term(call, b.toFloat(x)))).reduce((sum, x) => b.add(sum, x));
  };
}

export const penalties: Readonly<Record<string, Implementation>> = {
  l1: penalty(({ b }, x) => b.abs(x)),
  l2: penalty(({ b }, x) => b.square(x)),
};
