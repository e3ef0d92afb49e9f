import type { Node } from '../../../graph/node';
import { concreteShape, countOf } from '../../../graph/shape';
import type { TensorData } from '../../../graph/types';
import { lowerRequest } from '../../loweredRequest';
import { defaultMemoryLimit } from '../../memory';
import { compile, type Program, type ProgramRequest } from '../../program';
import { checkConstraints } from '../../sizes';
import { Storage } from '../../storage';
import { conditionalUpdates } from '../condition';
import { memoryNeed } from '../memoryNeed';
import type { OnnxRequest } from '../program';
import { split } from '../split';
import { examplesOf } from './examples';
import { Share, type Slot } from './share';
import { shareModel } from './shareModel';
import { Shares } from './shares';
import { startThreads } from './shareThread';

/** How a batch is divided. */
export interface Division {
  /** Threads that compute a share each; this one is the first of them. */
  readonly threads: number;
  /** Examples that are computed at once, one chunk of a share after the other. */
  readonly chunk: number;
  /** Of the other threads. */
  readonly script?: string | undefined;
}

/**
 * As `compileOnnx`, for a computation whose examples do not depend on each other: several threads
 * run a model for their shares of the batch, and sums over the batch are added up in a fixed order. The
 * rest, updates included, are programs of the embedded executor. Undefined where examples depend on each other, the
 * batch does not fall into equal parts or no further thread starts.
 */
export function compileShares(
  request: OnnxRequest,
  { threads, chunk, script }: Division,
): Program | undefined {
  const examples = examplesOf(request);
  if (!examples) return undefined;
  const { sizes, updates = [], cut = new Set<Node>(), runtime } = request;
  const batch = sizes[examples.symbol]!;
  if (batch % (threads * chunk) !== 0) return undefined;
  const chunks = batch / (threads * chunk);
  checkConstraints(request.constraints ?? [], sizes);

  const whole = lowerRequest({ outputs: request.outputs, updates, cut, sizes });
  const changes = conditionalUpdates(updates, whole.lowered);
  const { before } = split(whole.lowered, { outputs: request.outputs, ...changes });
  const checks = [...before].map(({ node }) => node);
  const model = shareModel(request, examples, checks, chunk, chunks);
  if (!model) return undefined;
  const made = new Set([...examples.sums, ...examples.results]);
  const limit = request.memoryLimit ?? defaultMemoryLimit;
  const needed = memoryNeed(
    whole,
    [...made].map(node => whole.lowered.of(node)),
    limit,
  );
  const bytes = needed + threads * model.held;
  if (bytes > limit) return undefined;
  const others = startThreads(threads - 1, script, model, runtime);
  if (!others) return undefined;

  const storage = request.storage ?? new Storage(32);
  const program = (own: Pick<ProgramRequest, 'outputs' | 'updates' | 'cut'>): Program =>
    compile({ sizes, precision: 32, storage, memoryLimit: limit, ...own });
  const fed = new Set([...cut, ...made]);
  const kept = request.outputs.filter(node => !made.has(node) && !whole.lowered.of(node).fed);
  const { condition } = changes;
  // The first of them reserves the memory that it can work in.
  const update =
    changes.updates.length > 0 ? program({ outputs: [], updates: changes.updates, cut: fed }) : undefined;
  const rest = program({ outputs: [...kept, ...(condition ? [condition] : [])], cut: fed });
  const check = checks.length > 0 ? program({ outputs: checks, cut }) : undefined;
  const number = program({ outputs: examples.counts });
  number.run();
  const countAt = (node: Node): number => countOf(concreteShape(node.shape, sizes));
  storage.provide([...whole.fed, ...made].map(node => ({ node, dtype: node.dtype, count: countAt(node) })));

  const checked = new Set(checks);
  const counted = new Set(examples.counts);
  const bufferOf = (node: Node): TensorData => {
    if (checked.has(node)) return check!.buffer(node);
    if (counted.has(node)) return number.buffer(node);
    const { array, offset } = storage.place(node, countAt(node));
    return array.subarray(offset, offset + countAt(node));
  };
  const numbers = (slot: Slot): TensorData => bufferOf(model.nodeOf(slot));
  const first = (slot: Slot): TensorData => numbers(slot).subarray(0, slot.count);
  const own = new Share(runtime, runtime.session(model.encoded, model.settings), model.slots, first);
  const shares = new Shares(own, others, model.slots, numbers);
  const copies = model.twins.map(({ node, of }) => [bufferOf(node), bufferOf(of)] as const);
  const answer = condition && rest.buffer(condition);

  return {
    fed: whole.fed,
    bytes: bytes + model.encoded.byteLength,
    ...(update?.kernels ? { kernels: update.kernels } : {}),
    buffer(node) {
      if (made.has(node) || whole.lowered.of(node).fed) return bufferOf(node);
      return rest.buffer(node);
    },
    shape: node => whole.lowered.of(node).shape,
    run() {
      check?.run();
      runtime.guarded(() => shares.run());
      for (const [to, from] of copies) to.set(from);
      rest.run();
      if (answer?.[0] !== 0) update?.run();
    },
    dispose() {
      shares.dispose();
      for (const each of [check, rest, update, number]) each?.dispose?.();
    },
  };
}
