import type { Answer } from './peers/serve';
import type { Quiet } from './quiet';

/** Something that is timed in turn with others. */
export interface Candidate {
  readonly name: string;
  time(model: string, milliseconds: number): Promise<Answer>;
}

/** Microseconds a step. */
export interface Timing {
  readonly best: number;
  readonly median: number;
  /** The least CPU time of all threads together. */
  readonly cpu: number;
  readonly rounds: number;
  /** Rounds in which others were busy too. */
  readonly disturbed: number;
  /** What made the steps, where the candidate chose. */
  readonly by?: string;
}

export type Outcome = Timing | { readonly error: string };

/** A candidate whose step takes longer is timed once: that tells enough, and the others go on. */
const SLOW_MICROS = 500_000;

/**
 * Between two candidates: threads of the one that has just ended spin for a while, waiting for more work, and would take
 * a core from the next.
 */
const REST_MILLISECONDS = 150;

/** Attempts at a round that others do not disturb. */
const ATTEMPTS = 3;

/** Times every candidate on one model for so many rounds, in turn, in bursts of so many milliseconds. */
export async function interleave(
  candidates: readonly Candidate[],
  model: string,
  { rounds, burst, quiet }: { rounds: number; burst: number; quiet: Quiet },
): Promise<Map<string, Outcome>> {
  const samples = new Map<string, Sample[]>();
  const errors = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) {
      const { name } = candidate;
      const before = samples.get(name) ?? [];
      if (errors.has(name) || before.some(sample => sample.micros > SLOW_MICROS)) continue;
      const sample = await clean(candidate, model, burst, quiet);
      if ('error' in sample) errors.set(name, sample.error);
      else samples.set(name, [...before, sample]);
    }
  }
  return new Map(
    candidates.map(({ name }) => {
      const error = errors.get(name);
      return [name, error === undefined ? timing(samples.get(name)!) : { error }];
    }),
  );
}

interface Sample {
  readonly micros: number;
  readonly cpuMicros: number;
  readonly disturbed: boolean;
  readonly by?: string;
}

async function clean(
  candidate: Candidate,
  model: string,
  burst: number,
  quiet: Quiet,
): Promise<Sample | { error: string }> {
  for (let attempt = 1; ; attempt++) {
    await new Promise(resolve => setTimeout(resolve, REST_MILLISECONDS));
    await quiet.wait();
    const look = quiet.begin();
    const answer = await candidate.time(model, burst);
    if ('error' in answer) return answer;
    const disturbed = !quiet.isClean(look);
    const again = disturbed && quiet.isPatient && attempt < ATTEMPTS && answer.micros < SLOW_MICROS;
    if (!again) return { ...answer, disturbed };
  }
}

function timing(samples: readonly Sample[]): Timing {
  const micros = samples.map(sample => sample.micros).sort((a, b) => a - b);
  const { by } = samples[0]!;
  return {
    best: micros[0]!,
    median: micros[micros.length >> 1]!,
    cpu: Math.min(...samples.map(sample => sample.cpuMicros)),
    rounds: samples.length,
    disturbed: samples.filter(sample => sample.disturbed).length,
    ...(by === undefined ? {} : { by }),
  };
}
