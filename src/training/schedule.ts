import type { Schedule } from '../language/model';
import { compile } from '../runtime/program';

/** The factor of the learning rate by the number of updates made so far, in 64-bit. */
export function scheduleFunction({ factor, k }: Schedule): (updates: number) => number {
  const program = compile({ outputs: [factor], sizes: {}, precision: 64, runs: 'few' });
  const result = program.buffer(factor);
  if (!program.fed.includes(k)) {
    program.run();
    return () => result[0]!;
  }
  const input = program.buffer(k);
  return updates => {
    input[0] = updates;
    program.run();
    return result[0]!;
  };
}
