import { reverse } from '../autodiff/reverse';
import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import { shapeOf } from '../graph/shape';
import type { Model, ModelParameter, Training } from '../language/model';
import { Builder } from '../ops/builder';

/** The loss with its clipped gradients; parameters that it does not depend on have none. */
export interface GradientGraph {
  readonly loss: Node;
  readonly metrics: Training['metrics'];
  readonly gradients: ReadonlyMap<ModelParameter, Node>;
  /** Before clipping: what second derivatives are taken of. */
  readonly unclipped: ReadonlyMap<ModelParameter, Node>;
}

/** One training step as a graph: the loss and metrics on a batch, and what every parameter and state becomes. */
export interface StepGraph extends GradientGraph {
  readonly updates: readonly { readonly target: Node; readonly value: Node }[];
  /** Fed before every step: the scheduled learning rate and the number of the step, from 1. */
  readonly learningRate: Node;
  readonly step: Node;
  /** Optimiser state, such as Adam's moments, by `name:path`. */
  readonly state: ReadonlyMap<string, KeptState>;
}

export interface KeptState {
  readonly node: Node;
  readonly sizes: readonly number[];
  /** What every entry is before the first step. */
  readonly initial: number;
}

/** Adds the derivatives of one `train` block to the model's graph. */
export function buildGradients(model: Model, training: Training): GradientGraph {
  const { objective, parameters, metrics } = training;
  const b = new Builder(model.builder.graph);
  const adjoints = reverse(b, objective.node, { wrt: parameters.map(parameter => parameter.node) });
  const reached = parameters.filter(parameter => adjoints.of(parameter.node));
  const gradients = new Map(reached.map(parameter => [parameter, adjoints.of(parameter.node)!]));
  const clipped = clip(b, training, gradients);
  return { loss: objective.node, metrics, gradients: clipped, unclipped: gradients };
}

/** Adds the derivatives and updates of one `train` block to the model's graph. */
export function buildStep(model: Model, training: Training): StepGraph {
  const { optimizer } = training;
  const gradients = buildGradients(model, training);
  const b = new Builder(model.builder.graph);
  const scalar = (name: string): Node => b.apply('input', [], { name, shape: [], dtype: 'float' });
  const learningRate = scalar('lr');
  const step = scalar('step');
  const state = new Map<string, KeptState>();
  const updates: { target: Node; value: Node }[] = [];
  const { update } = optimizer.definition;
  if (!update) throw new Error(`${optimizer.name} is no update of a graph`);
  for (const [parameter, gradient] of gradients.gradients) {
    const { path, node, sizes } = parameter;
    b.within({ derivation: { kind: 'update', of: node } }, () => {
      const stateOf = (name: string, initial = 0): Node => {
        const key = `${name}:${path}`;
        let kept = state.get(key);
        if (!kept) {
          const node = b.apply('input', [], { name: key, shape: shapeOf(sizes), dtype: 'float' });
          state.set(key, (kept = { node, sizes, initial }));
        }
        return kept.node;
      };
      const value = update({
        b,
        parameter: node,
        gradient,
        learningRate,
        step,
        settings: optimizer.settings,
        state: stateOf,
        keep: (name, next) => updates.push({ target: stateOf(name), value: next }),
      });
      updates.push({ target: node, value });
    });
  }
  updates.push(...bufferUpdates(model, training));
  return { ...gradients, updates: onlyFinite(b, gradients.loss, updates), learningRate, step, state };
}

/** Nothing changes when the loss is not finite, so that the step that failed can be looked into. */
function onlyFinite(b: Builder, loss: Node, updates: StepGraph['updates']): StepGraph['updates'] {
  // NaN and infinity less themselves are NaN, which equals nothing.
  const finite = b.equal(b.sub(loss, loss), b.constant(0));
  return updates.map(({ target, value }) => {
    const kept = b.within({ derivation: { kind: 'update', of: target } }, () =>
      b.where(b.broadcastTo(finite, value.shape), value, target),
    );
    return { target, value: kept };
  });
}

/** What a step does to the buffers of layers that the loss runs through, such as running means. */
export function bufferUpdates(model: Model, { objective }: Training): { target: Node; value: Node }[] {
  if (model.buffers.length === 0) return [];
  const reached = new Set(ancestors([objective.node]));
  return model.buffers.flatMap(({ node, update }) =>
    update && reached.has(update.from) ? [{ target: node, value: update.value }] : [],
  );
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
