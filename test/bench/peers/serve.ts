import { createInterface } from 'node:readline';

/** What is answered about some steps. */
export type Answer = Measured | { readonly error: string };

/** Microseconds a step, of wall time and of all threads' CPU time. */
interface Measured {
  readonly micros: number;
  readonly cpuMicros: number;
  /** What made the steps, where the process chose. */
  readonly by?: string;
}

/** Makes one step of a model. */
export interface Stepper {
  step(): void;
  readonly by?: string;
}

const WARM_UP = 150;

/**
 * Answers lines `MODEL MILLISECONDS` from standard input with one JSON object each, until it ends. The first line about
 * a model also builds it and runs it warm.
 */
export async function serve(ready: string, make: (model: string) => Promise<Stepper>): Promise<void> {
  const steps = new Map<string, Stepper>();
  console.log(JSON.stringify({ ready }));
  for await (const line of createInterface({ input: process.stdin })) {
    const [model, milliseconds] = line.split(' ') as [string, string];
    let answer: Answer;
    try {
      let stepper = steps.get(model);
      if (!stepper) {
        steps.set(model, (stepper = await make(model)));
        timed(stepper, WARM_UP);
      }
      answer = timed(stepper, Number(milliseconds));
    } catch (error) {
      steps.delete(model);
      answer = { error: (error as Error).message.split('\n')[0]! };
    }
    console.log(JSON.stringify(answer));
  }
}

/** The clock is read after twice as many calls each time, so that reading it does not count beside a short step. */
function timed(stepper: Stepper, milliseconds: number): Measured {
  const { by } = stepper;
  let calls = 0;
  let batch = 1;
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (;;) {
    for (let i = 0; i < batch; i++) stepper.step();
    calls += batch;
    const elapsed = performance.now() - start;
    if (elapsed >= milliseconds) {
      const { user, system } = process.cpuUsage(cpu);
      return {
        micros: (elapsed / calls) * 1000,
        cpuMicros: (user + system) / calls,
        ...(by === undefined ? {} : { by }),
      };
    }
    if (elapsed < milliseconds / 8) batch *= 2;
  }
}
