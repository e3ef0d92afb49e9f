import { reverse } from '../autodiff/reverse';
import type { Node } from '../graph/node';
import { shapeOf } from '../graph/shape';
import type { Model, ModelParameter, Training } from '../language/model';
import { optimizers } from '../library/optimizers';
import { Builder } from '../ops/builder';

/** One training step as a graph: the loss and metrics on a batch, and what every parameter and state becomes. */
export interface StepGraph {
  readonly loss: Node;
  readonly metrics: readonly { readonly key: string; readonly node: Node }[];
  readonly updates: readonly { readonly target: Node; readonly value: Node }[];
  /** Fed before every step: the scheduled learning rate and the number of the step, from 1. */
  readonly learningRate: Node;
  readonly step: Node;
  /** Optimiser state, zero at the start, such as Adam's moments; by `name:path`. */
  readonly state: ReadonlyMap<string, Node>;
  readonly gradients: ReadonlyMap<ModelParameter, Node>;
}

/** Adds the derivatives and updates of one `train` block to the model's graph. */
export function buildStep(model: Model, training: Training): StepGraph {
  const { objective, optimizer, parameters } = training;
  const b = new Builder(model.builder.graph);
  const adjoints = reverse(b, objective.node, { wrt: parameters.map(parameter => parameter.node) });
  const reached = parameters.filter(parameter => adjoints.of(parameter.node));
  const gradients = new Map(reached.map(parameter => [parameter, adjoints.of(parameter.node)!]));
  const scalar = (name: string): Node => b.apply('input', [], { name, shape: [], dtype: 'float' });
  const learningRate = scalar('lr');
  const step = scalar('step');
  const state = new Map<string, Node>();
  const updates: { target: Node; value: Node }[] = [];
  const clipped = clip(b, training, gradients);
  const { update } = optimizers[optimizer.name]!;
  for (const parameter of reached) {
    const { path, node, sizes } = parameter;
    b.within({ derivation: { kind: 'update', of: node } }, () => {
      const stateOf = (name: string): Node => {
        const key = `${name}:${path}`;
        let leaf = state.get(key);
        if (!leaf) {
          leaf = b.apply('input', [], { name: key, shape: shapeOf(sizes), dtype: 'float' });
          state.set(key, leaf);
        }
        return leaf;
      };
      const value = update({
        b,
        parameter: node,
        gradient: clipped.get(parameter)!,
        learningRate,
        step,
        settings: optimizer.settings,
        state: stateOf,
        keep: (name, next) => updates.push({ target: stateOf(name), value: next }),
      });
      updates.push({ target: node, value });
    });
  }
  return { loss: objective.node, metrics: training.metrics, updates, learningRate, step, state, gradients };
}

/** PyTorch's clipping: by value entry by entry, by norm with the factor min(1, c / (norm + 1e-6)) over all together. */
function clip(
  b: Builder,
  { clipValue, clipNorm }: Training,
  gradients: ReadonlyMap<ModelParameter, Node>,
): ReadonlyMap<ModelParameter, Node> {
  let clipped = new Map(gradients);
  const mapAll = (change: (gradient: Node) => Node): void => {
    const entries = [...clipped].map(([parameter, gradient]) => {
      const value = b.within({ derivation: { kind: 'update', of: parameter.node } }, () => change(gradient));
      return [parameter, value] as const;
    });
    clipped = new Map(entries);
  };
  if (clipNorm !== undefined && clipped.size > 0) {
    const squares = [...clipped.values()].map(gradient => b.sumAll(b.square(gradient)));
    const norm = b.sqrt(squares.reduce((sum, square) => b.add(sum, square)));
    const factor = b.minimum(b.constant(1), b.div(b.constant(clipNorm), b.add(norm, b.constant(1e-6))));
    mapAll(gradient => b.mul(gradient, factor));
  }
  if (clipValue !== undefined) {
    mapAll(gradient => b.elementwise('clip', [gradient, b.constant(-clipValue), b.constant(clipValue)]));
  }
  return clipped;
}
