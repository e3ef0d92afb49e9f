import type { Event, GradcheckReport } from './protocol';

/** How long a check runs before other requests are served. */
const SLICE_MILLISECONDS = 12;

/** Progress is sent at most ten times a second. */
const PROGRESS_MILLISECONDS = 100;

/** Checks gradients in slices and tells how far it is; a cancelled check rejects. */
export async function checkGradients(
  check: Generator<number, GradcheckReport>,
  uri: string,
  emit: (event: Event) => void,
  cancelled: () => boolean,
): Promise<GradcheckReport> {
  let sentAt = performance.now();
  while (!cancelled()) {
    const until = performance.now() + SLICE_MILLISECONDS;
    let progress = 0;
    do {
      const next = check.next();
      if (next.done) return next.value;
      progress = next.value;
    } while (performance.now() < until && !cancelled());
    if (performance.now() - sentAt >= PROGRESS_MILLISECONDS) {
      sentAt = performance.now();
      emit({ kind: 'gradcheck', uri, progress });
    }
    // lets messages through
    await new Promise(resolve => setImmediate(resolve));
  }
  throw new Error('the check was cancelled');
}
