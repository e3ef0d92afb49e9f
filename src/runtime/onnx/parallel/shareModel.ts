import type { Node } from '../../../graph/node';
import { lowerRequest } from '../../loweredRequest';
import { SizeError } from '../../sizes';
import type { Lowered, Value } from '../../value';
import { knownConstants } from '../constants';
import { lowerToOnnx } from '../lower';
import { hasSmallTensors, mostHeld } from '../memoryNeed';
import { encodeModel } from '../model';
import type { OnnxRequest } from '../program';
import type { SessionSettings } from '../runtime';
import { isWorthStopping, stopping } from '../uncopied';
import type { Examples } from './examples';
import { repeated } from './repeat';
import type { Slot, Slots, TensorType } from './share';

/** The model that computes one share of a batch, and what its tensors stand for. */
export interface ShareModel {
  readonly encoded: Uint8Array;
  readonly settings: Pick<SessionSettings, 'threads' | 'stops' | 'patterns'>;
  readonly slots: Slots;
  /** Bytes that a run holds between its nodes, which take one chunk after the other. */
  readonly held: number;
  /** The node of an input or an output. */
  nodeOf(slot: Slot): Node;
  /** Further nodes whose value is that of an output. */
  readonly twins: readonly { readonly node: Node; readonly of: Node }[];
}

const TYPES = { float: 'float32', int: 'int32', bool: 'bool' } as const satisfies Record<string, TensorType>;

/**
 * The model for `chunks` times `chunk` examples; `checks` are given to it. Undefined where the graph has no such size.
 */
export function shareModel(
  { cut = new Set(), sizes }: OnnxRequest,
  { symbol, dependence, sums, results, counts }: Examples,
  checks: readonly Node[],
  chunk: number,
  chunks: number,
): ShareModel | undefined {
  const wanted = [...sums, ...results];
  const few = { ...sizes, [symbol]: chunk };
  const lowered = lowerFor([...wanted, ...checks], new Set([...cut, ...counts]), few);
  if (!lowered) return undefined;
  const checked = new Map(checks.map(node => [lowered.of(node), node]));
  const given = (value: Value): boolean => value.fed || checked.has(value);
  const first = new Map<Value, Node>();
  const twins: { node: Node; of: Node }[] = [];
  for (const node of wanted) {
    const value = lowered.of(node);
    const of = first.get(value);
    if (of) twins.push({ node, of });
    else first.set(value, node);
  }
  const outputs = [...first.keys()];
  const constants = knownConstants(outputs, given, few);
  const model = lowerToOnnx({ outputs, given, constants });
  const { graph, names, inputs } = model;

  const nodes = new Map<string, Node>();
  const isDivided = (node: Node): boolean => dependence.get(node)!.kind === 'rows';
  const slot = (name: string, { dtype, shape, count }: Value, node: Node): Slot => {
    nodes.set(name, node);
    if (!isDivided(node)) return { name, type: TYPES[dtype], shape, count };
    const [first, ...others] = shape;
    return { name, type: TYPES[dtype], shape: [first! * chunks, ...others], count: count * chunks };
  };
  const divided = (slots: readonly Slot[], wanted: boolean): Slot[] =>
    slots.filter(({ name }) => isDivided(nodes.get(name)!) === wanted);
  const used = new Set(graph.inputs.map(({ name }) => name));
  const fed = [...inputs]
    .filter(([name]) => used.has(name))
    .map(([name, value]) => slot(name, value, checked.get(value) ?? value.node));
  const made = [...names].map(([value, name]) => slot(name, value, first.get(value)!));
  const slots = {
    whole: divided(fed, false),
    rows: divided(fed, true),
    sums: divided(made, false),
    results: divided(made, true),
  };
  const named = (of: readonly Slot[]): Set<string> => new Set(of.map(({ name }) => name));
  const all = repeated(graph, { rows: named(slots.rows), sums: named(slots.sums), times: chunks });
  const held = mostHeld(model);
  const stops = isWorthStopping(all);
  return {
    encoded: encodeModel(stops ? stopping(all) : all),
    settings: { threads: 1, stops, patterns: hasSmallTensors(model) },
    twins,
    slots,
    held,
    nodeOf: ({ name }) => nodes.get(name)!,
  };
}

function lowerFor(
  outputs: readonly Node[],
  cut: ReadonlySet<Node>,
  sizes: OnnxRequest['sizes'],
): Lowered | undefined {
  try {
    return lowerRequest({ outputs, cut, sizes }).lowered;
  } catch (error) {
    if (error instanceof SizeError) return undefined;
    throw error;
  }
}
