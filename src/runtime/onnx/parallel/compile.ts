import type { Node } from '../../../graph/node';
import { concreteShape, countOf } from '../../../graph/shape';
import type { TensorData } from '../../../graph/types';
import { lowerRequest } from '../../loweredRequest';
import { defaultMemoryLimit } from '../../memory';
import { compile, type Program } from '../../program';
import { checkConstraints, SizeError } from '../../sizes';
import { Storage } from '../../storage';
import type { Value } from '../../value';
import { knownConstants } from '../constants';
import { lowerToOnnx } from '../lower';
import { encodeModel } from '../model';
import type { OnnxRequest } from '../program';
import { split } from '../split';
import { type Examples, examplesOf } from './examples';
import { add, Share, type Slot, type Slots, type TensorType } from './share';
import { ShareThread, shareScript } from './shareThread';

/** How a batch is divided. */
export interface Division {
  /** Threads that compute a share each; this one is the first of them. */
  readonly threads: number;
  /** Examples that the model is made for; a share is computed chunk by chunk. */
  readonly chunk: number;
}

const TYPES = { float: 'float32', int: 'int32', bool: 'bool' } as const satisfies Record<string, TensorType>;

/**
 * As `compileOnnx`, for a computation whose examples do not depend on each other: the model is made for a few of them,
 * several threads run it over their shares of the batch, and sums over the batch are added up in a fixed order. The
 * rest, updates included, is a program of the embedded executor. Undefined where examples depend on each other or the
 * batch does not fall into equal parts.
 */
export function compileShares(request: OnnxRequest, division: Division): Program | undefined {
  const examples = examplesOf(request);
  if (!examples) return undefined;
  const { sizes, updates = [], cut = new Set<Node>(), runtime } = request;
  const batch = sizes[examples.symbol]!;
  const { threads, chunk } = division;
  if (batch % (threads * chunk) !== 0) return undefined;
  checkConstraints(request.constraints ?? [], sizes);
  const storage = request.storage ?? new Storage(32);
  const common = { precision: 32, storage, memoryLimit: request.memoryLimit ?? defaultMemoryLimit } as const;

  const whole = lowerRequest({ outputs: request.outputs, updates, cut, sizes });
  const checks = [...split(whole.lowered, { outputs: request.outputs, updates }).before].map(
    ({ node }) => node,
  );
  const model = chunkModel(request, examples, chunk, checks);
  if (!model) return undefined;

  const before = checks.length > 0 ? compile({ ...common, sizes, outputs: checks, cut }) : undefined;
  const { sums, results } = examples;
  const made = new Set([...sums, ...results]);
  const kept = request.outputs.filter(node => !made.has(node) && !whole.lowered.of(node).fed);
  const countAt = (node: Node): number => countOf(concreteShape(node.shape, sizes));
  storage.provide([...whole.fed, ...made].map(node => ({ node, dtype: node.dtype, count: countAt(node) })));
  const after = compile({ ...common, sizes, outputs: kept, updates, cut: new Set([...cut, ...made]) });

  const counts = new Map(examples.counts.map(node => [node, countBuffer(node, request)]));
  const bufferOf = (node: Node): TensorData => {
    if (checks.includes(node)) return before!.buffer(node);
    const count = counts.get(node);
    if (count) return count;
    const { array, offset } = storage.place(node, countAt(node));
    return array.subarray(offset, offset + countAt(node));
  };
  const chunks = batch / (threads * chunk);
  const slots = slotsOf(model, examples, chunks);
  const nodes = model.nodes;
  const encoded = encodeModel(model.graph);
  const shareOf =
    (thread: number) =>
    (slot: Slot): TensorData => {
      const buffer = bufferOf(nodes.get(slot.name)!);
      const divided = slots.rows.includes(slot) || slots.results.includes(slot);
      return divided
        ? buffer.subarray(thread * chunks * slot.count, (thread + 1) * chunks * slot.count)
        : buffer;
    };
  const script = shareScript();
  if (threads > 1 && script === undefined) return undefined;
  const others = Array.from({ length: threads - 1 }, () => new ShareThread(script!, encoded, slots));
  const own = new Share(runtime, runtime.session(encoded, { threads: 1 }), slots, shareOf(0));
  runtime.guarded(() => {
    for (const other of others) other.awaitReady();
  });
  // One value may stand for several sums.
  const twins = [...model.twins].map(([node, first]) => [bufferOf(node), bufferOf(first)] as const);

  const given = [...slots.whole, ...slots.rows];
  const runShares = (): void => {
    others.forEach((other, i) => {
      for (const slot of given) other.memory.of(slot).set(shareOf(i + 1)(slot));
      other.start();
    });
    try {
      own.run();
    } finally {
      for (const other of others) other.join();
    }
    others.forEach((other, i) => {
      for (const slot of slots.sums) add(shareOf(0)(slot), other.memory.of(slot));
      for (const slot of slots.results) shareOf(i + 1)(slot).set(other.memory.of(slot));
    });
  };
  return {
    fed: whole.fed,
    bytes: after.bytes + encoded.byteLength,
    buffer(node) {
      const value = whole.lowered.of(node);
      if (value.fed || made.has(node)) return bufferOf(node);
      return after.buffer(node);
    },
    shape: node => whole.lowered.of(node).shape,
    run() {
      before?.run();
      runtime.guarded(runShares);
      for (const [to, from] of twins) to.set(from);
      after.run();
    },
    dispose() {
      for (const other of others) other.stop();
      own.dispose();
      before?.dispose?.();
      after.dispose?.();
    },
  };
}

interface ChunkModel {
  readonly graph: ReturnType<typeof lowerToOnnx>['graph'];
  /** By the name of an input or output, the node that it stands for. */
  readonly nodes: ReadonlyMap<string, Node>;
  readonly outputs: ReadonlyMap<string, Value>;
  readonly inputs: ReadonlyMap<string, Value>;
  /** Further nodes with the same value, and the one that is computed. */
  readonly twins: ReadonlyMap<Node, Node>;
}

/** The model for `chunk` examples; undefined where the graph has no such size. */
function chunkModel(
  { cut = new Set(), sizes }: OnnxRequest,
  { symbol, sums, results, counts }: Examples,
  chunk: number,
  checks: readonly Node[],
): ChunkModel | undefined {
  const wanted = [...sums, ...results];
  const few = { ...sizes, [symbol]: chunk };
  let lowered: ReturnType<typeof lowerRequest>['lowered'];
  try {
    lowered = lowerRequest({
      outputs: [...wanted, ...checks],
      cut: new Set([...cut, ...counts]),
      sizes: few,
    }).lowered;
  } catch (error) {
    if (error instanceof SizeError) return undefined;
    throw error;
  }
  const checked = new Map(checks.map(node => [lowered.of(node), node]));
  const given = (value: Value): boolean => value.fed || checked.has(value);
  const first = new Map<Value, Node>();
  const twins = new Map<Node, Node>();
  for (const node of wanted) {
    const value = lowered.of(node);
    if (first.has(value)) twins.set(node, first.get(value)!);
    else first.set(value, node);
  }
  const outputs = [...first.keys()];
  const { graph, names, inputs } = lowerToOnnx({
    outputs,
    given,
    constants: knownConstants(outputs, given, few),
  });
  const used = new Set(graph.inputs.map(({ name }) => name));
  const fed = [...inputs].filter(([name]) => used.has(name));
  return {
    graph,
    twins,
    inputs: new Map(fed),
    outputs: new Map([...names].map(([value, name]) => [name, value])),
    nodes: new Map([
      ...fed.map(([name, value]) => [name, checked.get(value) ?? value.node] as const),
      ...[...names].map(([value, name]) => [name, first.get(value)!] as const),
    ]),
  };
}

function slotsOf(
  { inputs, outputs, nodes }: ChunkModel,
  { dependence, sums }: Examples,
  chunks: number,
): Slots {
  const slot = ([name, { dtype, shape, count }]: [string, Value]): Slot => ({
    name,
    type: TYPES[dtype],
    shape,
    count,
  });
  const isDivided = ([name]: [string, Value]): boolean => dependence.get(nodes.get(name)!)?.kind === 'rows';
  const isSum = ([name]: [string, Value]): boolean => sums.includes(nodes.get(name)!);
  return {
    chunks,
    whole: [...inputs].filter(each => !isDivided(each)).map(slot),
    rows: [...inputs].filter(isDivided).map(slot),
    sums: [...outputs].filter(isSum).map(slot),
    results: [...outputs].filter(each => !isSum(each)).map(slot),
  };
}

/** The number of examples of the whole batch. */
function countBuffer(node: Node, { sizes }: OnnxRequest): TensorData {
  const program = compile({ outputs: [node], sizes, precision: 32, runs: 'few' });
  program.run();
  return program.buffer(node);
}
