import type { Node } from '../../graph/node';
import type { TensorData } from '../../graph/types';
import { compile, type Program, type ProgramRequest } from '../program';
import type { Storage } from '../storage';
import type { KernelCounts } from '../webassembly/generate';
import type { ConditionalUpdates } from './condition';
import type { Split } from './split';

/** What the embedded executor computes around a run of the model, in the same storage. */
export interface Beside {
  /** Throws `RunError` where something that is fed is no position. */
  before(): void;
  /** The positions that `before` has checked. */
  checked(node: Node): TensorData;
  /** Updates parameters and state in place, from what the model has computed. */
  after(): void;
  readonly kernels: KernelCounts;
  dispose(): void;
}

type Common = Pick<ProgramRequest, 'sizes' | 'cut' | 'memoryLimit'> & { readonly storage: Storage };

/** Throws `MemoryError`. */
export function compileBeside(
  { before, border }: Split,
  { condition, updates }: ConditionalUpdates,
  common: Common,
): Beside {
  // Several nodes may stand for one value, which is computed once.
  for (const [first, ...others] of border.values()) {
    for (const node of others) common.storage.share(node, first!);
  }
  const given = new Set([...(common.cut ?? []), ...[...border.values()].flat()]);
  const program = (request: Pick<ProgramRequest, 'outputs' | 'updates' | 'cut'>): Program =>
    compile({ ...common, precision: 32, ...request });

  const update = updates.length > 0 ? program({ outputs: [], updates, cut: given }) : undefined;
  const asking = condition && program({ outputs: [condition], cut: given });
  const check = before.size > 0 ? program({ outputs: [...before].map(({ node }) => node) }) : undefined;
  const answer = asking?.buffer(condition!);
  const programs = [check, asking, update].filter(each => each !== undefined);
  return {
    before: () => check?.run(),
    checked: node => check!.buffer(node),
    after() {
      asking?.run();
      if (answer?.[0] !== 0) update?.run();
    },
    kernels: {
      webassembly: sum(programs, ({ kernels }) => kernels?.webassembly),
      javascript: sum(programs, ({ kernels }) => kernels?.javascript),
    },
    dispose() {
      for (const each of programs) each.dispose?.();
    },
  };
}

function sum(programs: readonly Program[], of: (program: Program) => number | undefined): number {
  return programs.reduce((total, each) => total + (of(each) ?? 0), 0);
}
