import { type RandomStream, randomStream } from '../../base/random';
import { modelError } from '../../language/diagnostic';
import type { Settings, SettingValue } from '../../language/lower/settings';
import { MOST_TRIALS, type SearchedName, type SearchRange, type Tuning } from '../../language/lower/tune';

/** The settings to try, in order; one without names when nothing is searched. */
export function settingsOf(tuning: Tuning): Settings[] {
  const { searched, trials, search, seed, span } = tuning;
  if (searched.length === 0) return [{}];
  const finite = finiteSpace(searched);
  // A space no larger than the trials is gone through: drawing from it would repeat points.
  if (search !== 'grid' && (finite === undefined || finite > trials)) return draw(searched, trials, seed);
  const points = searched.map(({ range }) =>
    search === 'grid' ? pointsOf(range, searched, trials) : allOf(range),
  );
  const size = points.reduce((product, values) => product * values.length, 1);
  if (size > MOST_TRIALS) {
    throw modelError(
      'train-config',
      span,
      `the grid has ${size} settings; search = random tries some of them`,
    );
  }
  return product(searched, points);
}

/** The number of settings; undefined when a range has a continuum of them. */
function finiteSpace(searched: readonly SearchedName[]): number | undefined {
  if (searched.some(({ range }) => range.kind !== 'choice' && !range.whole)) return undefined;
  return searched.reduce((size, { range }) => size * countOf(range), 1);
}

function countOf(range: SearchRange): number {
  if (range.kind === 'choice') return new Set(range.values).size;
  return Math.floor(range.high) - Math.ceil(range.low) + 1;
}

/** Every value of a choice or of a range of whole numbers. */
function allOf(range: SearchRange): SettingValue[] {
  if (range.kind === 'choice') return [...new Set(range.values)];
  return Array.from({ length: countOf(range) }, (_, i) => Math.ceil(range.low) + i);
}

/** Every name has a stream of its own, so that another name leaves its values as they were. */
function draw(searched: readonly SearchedName[], trials: number, seed: number): Settings[] {
  const streams = searched.map(({ name }) => randomStream(seed, `tune ${name}`));
  const seen = new Set<string>();
  const found: Settings[] = [];
  while (found.length < trials) {
    const entries = searched.map(({ name, range }, i) => [name, drawFrom(range, streams[i]!)] as const);
    const key = entries.map(([, value]) => value).join();
    if (seen.has(key)) continue;
    seen.add(key);
    found.push(Object.fromEntries(entries));
  }
  return found;
}

function drawFrom(range: SearchRange, stream: RandomStream): SettingValue {
  const share = stream.uniform();
  if (range.kind === 'choice') {
    const values = [...new Set(range.values)];
    return values[Math.floor(share * values.length)]!;
  }
  if (range.whole && range.kind === 'uniform')
    return Math.ceil(range.low) + Math.floor(share * countOf(range));
  return at(range, share);
}

type Bounds = SearchRange & { readonly kind: 'uniform' | 'log_uniform' };

/** Digits of a drawn number: those that can be told apart, and are copied into a file gladly. */
const DIGITS = 4;

/** The point of a range that lies so far on the way, in the logarithm for `log_uniform`. */
function at({ kind, low, high, whole }: Bounds, share: number): number {
  const value = kind === 'uniform' ? low + share * (high - low) : low * (high / low) ** share;
  const [least, most] = whole ? [Math.ceil(low), Math.floor(high)] : [low, high];
  return Math.min(most, Math.max(least, whole ? Math.round(value) : Number(value.toPrecision(DIGITS))));
}

/**
 * Of a grid: every choice, and of each range as many evenly spaced points, ends included, as keep the grid within the
 * trials; two at least.
 */
function pointsOf(range: SearchRange, searched: readonly SearchedName[], trials: number): SettingValue[] {
  if (range.kind === 'choice') return [...new Set(range.values)];
  const choices = searched.reduce(
    (size, each) => (each.range.kind === 'choice' ? size * new Set(each.range.values).size : size),
    1,
  );
  const ranges = searched.filter(each => each.range.kind !== 'choice').length;
  // A root that should be whole may come out a little below.
  const points = Math.max(2, Math.floor((trials / choices) ** (1 / ranges) + 1e-9));
  return [...new Set(Array.from({ length: points }, (_, i) => at(range, i / (points - 1))))];
}

/** The last name varies fastest. */
function product(
  searched: readonly SearchedName[],
  points: readonly (readonly SettingValue[])[],
): Settings[] {
  let settings: Settings[] = [{}];
  searched.forEach(({ name }, i) => {
    settings = settings.flatMap(setting => points[i]!.map(value => ({ ...setting, [name]: value })));
  });
  return settings;
}
