import type { LoadOptions, SourceSpec } from '../data/source';
import type { Event } from './protocol';

/** Reading that takes no longer than this many milliseconds is not spoken of. */
const QUIET = 1000;
/** Milliseconds between two lines about one source. */
const INTERVAL = 2000;

/** Lines in the log while a large source is read: `reading csv "flights.csv": 40 %`. */
export function loadingLog(
  emit: (event: Event) => void,
  now: () => number = () => performance.now(),
): (spec: SourceSpec) => NonNullable<LoadOptions['onProgress']> {
  return spec => {
    const name = Object.values(spec.arguments).find(value => typeof value === 'string');
    const what = name === undefined ? spec.kind : `${spec.kind} "${name}"`;
    let next = now() + QUIET;
    return (read, total) => {
      if (now() < next) return;
      next = now() + INTERVAL;
      emit({ kind: 'log', level: 'info', message: `reading ${what}: ${Math.floor((100 * read) / total)} %` });
    };
  };
}
