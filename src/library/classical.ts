import { compareDims, constantDim, constantValue, type Dim } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import { OpError } from '../ops/definition';
import type { Call, Implementation } from './call';
import { expand, gatherTogether } from './shapes';

/**
 * How far each row of `x` lies from each row of `train`: `[N, M]`. Differences are taken before they are squared, so
 * that rows far from the origin keep their digits and rows at one distance tie; the loops are one kernel, and no
 * tensor of all differences is made. Squared distances rank as distances do.
 */
function distances(b: Builder, x: Node, train: Node, metric: string): Node {
  const [rows, columns] = [x.shape[0]!, x.shape[1]!];
  const shape = [rows, train.shape[0]!, columns];
  const difference = b.sub(b.broadcast(x, shape, [1]), b.broadcast(train, shape, [0]));
  return b.sum(metric === 'l1' ? b.abs(difference) : b.square(difference), [2]);
}

/** The labels `[N, k]` of the nearest rows, the nearest first; of equally near ones the earlier row comes first. */
function nearestLabels(b: Builder, far: Node, labels: Node, k: Dim): Node {
  const order = b.apply('argsort', [far], { axis: 1 });
  const within = b.apply('position', [b.iota([k], 0)], {
    size: far.shape[1]!,
    wrap: false,
    what: 'neighbour',
  });
  return b.gather(labels, b.gather(order, within, 1), 0);
}

/** The commonest label of each row; of equally common ones the one that comes first. */
function vote(b: Builder, labels: Node): Node {
  const [rows, k] = [labels.shape[0]!, labels.shape[1]!];
  const shape = [rows, k, k];
  const same = b.equal(b.broadcast(labels, shape, [2]), b.broadcast(labels, shape, [1]));
  const winner = b.apply('argmax', [b.sum(b.cast(same, 'int'), [2])], { axis: 1 });
  return gatherTogether(b, labels, [b.iota([rows], 0), winner], 0);
}

function knn(call: Call): Node {
  const { b } = call;
  const train = b.toFloat(call.node('train_x'));
  const labels = call.node('train_y');
  const asked = call.node('x');
  const single = asked.shape.length === 1;
  const x = b.toFloat(single ? expand(b, asked, 0) : asked);
  if (train.shape.length !== 2) {
    call.fail('rank', `knn compares rows [M, D]; ${call.describe('train_x')}`, 'train_x');
  }
  if (labels.shape.length !== 1) {
    call.fail('rank', `knn takes one class number a training row; ${call.describe('train_y')}`, 'train_y');
  }
  if (x.shape.length !== 2) call.fail('rank', `knn takes rows [N, D]; ${call.describe('x')}`, 'x');
  const [rows, columns] = [train.shape[0]!, train.shape[1]!];
  if (compareDims(columns, x.shape[1]!) === 'different') {
    throw new OpError('shape-mismatch', `${columns.key} and ${x.shape[1]!.key} columns cannot be compared`);
  }
  if (compareDims(rows, labels.shape[0]!) === 'different') {
    throw new OpError('shape-mismatch', `${rows.key} rows and ${labels.shape[0]!.key} labels do not pair up`);
  }
  const k = call.given('k') ? call.size('k') : constantDim(5);
  const [most, wanted] = [constantValue(rows), constantValue(k)];
  if (most !== undefined && wanted !== undefined && wanted > most) {
    call.fail('argument-value', `k is ${wanted}, and there are ${most} training rows`, 'k');
  }
  const far = distances(b, x, train, call.word('metric'));
  const found = vote(b, nearestLabels(b, far, b.cast(labels, 'int'), k));
  return single ? b.reshape(found, []) : found;
}

/** Methods without training. */
export const classical: Readonly<Record<string, Implementation>> = { knn };
