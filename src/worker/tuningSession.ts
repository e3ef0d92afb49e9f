import type { TrialNews } from '../drawing/trials';
import { ModelError } from '../language/diagnostic';
import { evaluate } from '../runtime/evaluate';
import { search } from '../training/tuning/search';
import { findingOf, type LoadedModel } from './loadedModel';
import type { Event, Request } from './protocol';

/** How long steps run before other requests are served. */
const SLICE_MILLISECONDS = 12;

/** Progress is sent at most ten times a second. */
const PROGRESS_MILLISECONDS = 100;

/**
 * Tries the settings of a file's `tune` block and tells of them on the way, until the end or until it is cancelled.
 * Rejects with a `ModelError` for what the model or its data did wrong.
 */
export async function tune(
  { model, tables, source }: LoadedModel,
  { tuneId, executor }: Request & { kind: 'tune' },
  emit: (event: Event) => void,
  cancelled: () => boolean,
): Promise<void> {
  if (!model.tuning) throw new Error('The file has no `tune` block that can be run.');
  const events = search(model.tuning, tables, evaluate, executor);
  let news: TrialNews[] = [];
  let progress = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  const send = (): void => {
    sentAt = performance.now();
    emit({ kind: 'tuning', tuneId, progress, news });
    news = [];
  };
  try {
    while (!cancelled()) {
      const until = performance.now() + SLICE_MILLISECONDS;
      do {
        const next = events.next();
        if (next.done) return;
        if (next.value.kind === 'step') progress = next.value.progress;
        else news.push(next.value);
      } while (performance.now() < until && !cancelled());
      if (performance.now() - sentAt >= PROGRESS_MILLISECONDS) send();
      // lets messages through
      await new Promise(resolve => setImmediate(resolve));
    }
  } catch (error) {
    const finding = findingOf(error, model, source.text);
    throw finding ? new ModelError(finding) : error;
  } finally {
    events.return();
    send();
  }
}
