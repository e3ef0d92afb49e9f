import type { Node } from '../graph/node';
import type { TensorData } from '../graph/types';
import { LEAVES } from '../runtime/loweredRequest';
import { compile, type Program, type ProgramRequest } from '../runtime/program';
import { needed } from '../runtime/value';

/** A step without outputs that its executor cannot compute, and what they are computed from. */
interface Division {
  /** Computed after the step by our own code. */
  readonly left: readonly Node[];
  readonly kept: readonly Node[];
  /** What the step has computed and `left` rests on. */
  readonly border: readonly Node[];
}

/**
 * A step whose executor lacks `lacking`, an operation that only outputs such as metrics need: the step is compiled
 * without these by `compileStep`, and our own code computes them after each run. Undefined where the updates or all
 * outputs need it. Throws what `compileStep` and `compile` throw.
 */
export function compileLeaving(
  lacking: Node,
  request: ProgramRequest,
  compileStep: (request: ProgramRequest) => Program,
): Program | undefined {
  const division = divide(request, lacking);
  if (!division) return undefined;
  const { left, kept, border } = division;
  const { sizes, precision, storage, cut = new Set(), memoryLimit } = request;
  const step = compileStep({ ...request, outputs: [...new Set([...kept, ...border])] });
  const rest = compile({
    outputs: left,
    cut: new Set([...cut, ...border]),
    sizes,
    precision,
    ...(storage ? { storage } : {}),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  });
  const copies = border.map(node => [rest.buffer(node), step.buffer(node)] as const);
  const between = new Set(border);
  const fed = new Set([...step.fed, ...rest.fed.filter(node => !between.has(node))]);
  const steps = new Set([...kept, ...step.fed]);
  const owner = (node: Node): Program => (steps.has(node) ? step : rest);
  return {
    fed: [...fed],
    bytes: step.bytes + rest.bytes,
    ...(step.kernels ? { kernels: step.kernels } : {}),
    buffer: (node): TensorData => owner(node).buffer(node),
    shape: node => owner(node).shape(node),
    run() {
      step.run();
      for (const [to, from] of copies) to.set(from);
      rest.run();
    },
    dispose: () => step.dispose?.(),
  };
}

function divide(
  { outputs, updates = [], cut = new Set<Node>() }: ProgramRequest,
  lacking: Node,
): Division | undefined {
  const isFed = (node: Node): boolean => cut.has(node) || LEAVES.has(node.op);
  const needs = (nodes: readonly Node[], isGiven = isFed): Node[] =>
    needed(nodes, isGiven, node => node.inputs);
  const left = outputs.filter(output => needs([output]).includes(lacking));
  const kept = outputs.filter(output => !left.includes(output));
  const step = new Set(needs([...kept, ...updates.flatMap(({ target, value }) => [target, value])]));
  if (left.length === 0 || kept.length === 0 || step.has(lacking)) return undefined;
  const own = needs(left, node => isFed(node) || step.has(node));
  // Leaves that the step has changed by then, and derivatives that run their own part of the graph again.
  const targets = new Set(updates.map(({ target }) => target));
  if (own.some(node => targets.has(node) || node.op === 'numeric_gradient')) return undefined;
  return { left, kept, border: own.filter(node => step.has(node) && !isFed(node)) };
}
