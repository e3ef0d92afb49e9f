import type { Node } from '../../graph/node';
import { definitionOf } from '../../ops/registry';
import type { Lowered, Value } from '../value';
import { isAlias } from '../view';
import type { ConditionalUpdates } from './condition';

/** What of a request the embedded executor computes around the model. */
export interface Split {
  /** Computed first: checks of what is fed, which ONNX does not make. */
  readonly before: ReadonlySet<Value>;
  /** Computed by the model and fed to the updates, each with all nodes that stand for it. */
  readonly border: ReadonlyMap<Value, readonly Node[]>;
}

export interface SplitRequest extends Pick<ConditionalUpdates, 'updates'> {
  readonly outputs: readonly Node[];
  readonly condition?: Node | undefined;
}

/**
 * Finds where updates begin: parameters and optimiser state are changed in place, by one pass over each, so all that
 * is done to them element by element stays out of the model.
 */
export function split(lowered: Lowered, { outputs, condition, updates }: SplitRequest): Split {
  const before = checks(lowered);
  const computed = new Set(outputs.map(node => lowered.of(node)));
  const state = new Set(updates.map(({ target }) => lowered.of(target)));
  const border = new Map<Value, Node[]>();
  const touching = stateTouching(lowered, state);
  const seen = new Set<Node>();
  const pending = [...(condition ? [condition] : []), ...updates.map(({ value }) => value)];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    const value = lowered.of(node);
    if (value.fed || value.constant) continue;
    const inside = isLight(value) && !computed.has(value);
    const own = before.has(value) || (inside && (touching.has(value) || single(value)));
    if (own) pending.push(...node.inputs);
    else border.set(value, [...(border.get(value) ?? []), node]);
  }
  return { before, border };
}

/** Positions among what is fed, such as class numbers, and all that they need. */
function checks(lowered: Lowered): Set<Value> {
  const cheap = new Set<Value>();
  const found = new Set<Value>();
  for (const value of lowered.values) {
    const own =
      value.fed || value.constant || value.op === 'position' || isElementwise(value) || isAlias(value);
    if (!own || !value.inputs.every(input => cheap.has(input))) continue;
    cheap.add(value);
    if (value.op === 'position') found.add(value);
  }
  return found;
}

/** Values that depend on updated leaves, or on fed numbers such as the learning rate, by light ops alone. */
function stateTouching(lowered: Lowered, state: ReadonlySet<Value>): Set<Value> {
  const touching = new Set<Value>();
  for (const value of lowered.values) {
    const own = value.fed
      ? state.has(value) || value.count === 1
      : isLight(value) && value.inputs.some(input => touching.has(input));
    if (own) touching.add(value);
  }
  return touching;
}

/** Done to each element, or the spreading of one number. */
function isLight(value: Value): boolean {
  if (value.op === 'broadcast') return value.inputs[0]!.count === 1;
  return isElementwise(value) || isAlias(value);
}

function isElementwise({ op }: Value): boolean {
  const definition = definitionOf(op);
  return definition.kind === 'elementwise' || 'scalar' in definition;
}

/** Whether an op changes one tensor by numbers alone, so that doing it later reads no more than its result would. */
function single({ inputs, count }: Value): boolean {
  const tensors = new Set(inputs.filter(input => !input.constant && (count === 1 || !isSpread(input))));
  return tensors.size <= 1;
}

function isSpread(value: Value): boolean {
  return value.op === 'broadcast' && value.inputs[0]!.count === 1;
}
