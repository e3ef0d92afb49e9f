import type { Span } from '../../base/span';
import { DataError } from '../../data/error';
import { type Split, splitRows } from '../../data/split';
import type { CallExpression, Entry, Expression, File, TuneStatement } from '../ast';
import { modelError } from '../diagnostic';
import type { Model, Training } from '../model';
import { type Tunable, tunables } from '../tunable';
import { type Context, Skip } from './context';
import { type Settings, type SettingValue, withSettings } from './settings';
import { knownNumber } from './sizes';

/** Where the values of a name are looked for. */
export type SearchRange =
  | { readonly kind: 'choice'; readonly values: readonly SettingValue[] }
  | {
      readonly kind: 'uniform' | 'log_uniform';
      readonly low: number;
      readonly high: number;
      /** Only whole numbers make sense. */
      readonly whole: boolean;
    };

export interface SearchedName {
  readonly name: string;
  readonly span: Span;
  readonly range: SearchRange;
}

/** The `tune` block with every key settled. */
export interface Tuning {
  readonly span: Span;
  /** Empty where the block only cross-validates the file as it is. */
  readonly searched: readonly SearchedName[];
  readonly trials: number;
  /** 1 keeps the cut of the file; a model without rows has nothing to cut. */
  readonly folds: number;
  readonly search: 'random' | 'grid' | 'halving';
  readonly seed: number;
  /** The cut of the file, the same for every setting; absent for a model without rows. */
  readonly split?: Split;
  /** The file lowered anew with other values. Its findings are in the model. */
  withSettings(settings: Settings): Model;
}

/** How lowering goes about a file with other values in it. */
export type LowerAgain = (file: File) => Model;

/** `tune { name = choice(...) ... }`, lowered after everything else, since it varies what the rest says. */
export function lowerTune(
  context: Context,
  file: File,
  statement: TuneStatement,
  trainings: readonly Training[],
  lowerAgain: LowerAgain,
): Tuning {
  const [first] = trainings;
  if (!first) {
    throw modelError(
      'train-config',
      statement.span,
      'there is nothing to tune: the file has no scalar float node',
    );
  }
  const block = new Block(context, statement, tunables(file));
  const searched = block.searched();
  const split = cutOf(context, first, statement);
  const places = new Map(searched.map(({ name }) => [name, block.place(name)]));
  return {
    span: statement.span,
    searched,
    trials: searched.length === 0 ? 1 : block.trials(),
    folds: block.folds(split),
    search: block.search(),
    seed: first.seed,
    ...(split ? { split } : {}),
    withSettings(settings) {
      const replacements = Object.entries(settings).map(([name, value]) => ({
        place: places.get(name)!,
        value,
      }));
      return lowerAgain(withSettings(file, replacements, first.objective.text));
    },
  };
}

/** A wrong cut is reported where `train` is lowered. */
function cutOf({ batch }: Context, { split, seed }: Training, { span }: TuneStatement): Split | undefined {
  if (!batch) return undefined;
  try {
    return splitRows(batch.rows, { split, seed, testRows: batch.testRows });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new Skip({ code: error.code, severity: 'error', span, message: error.message });
  }
}

/** More than anybody waits for; all settings are drawn beforehand. */
export const MOST_TRIALS = 10_000;

const ownKeys: ReadonlySet<string> = new Set(['trials', 'folds', 'search']);

/** Reads the entries, each mistake at its own place. */
class Block {
  constructor(
    private readonly context: Context,
    private readonly statement: TuneStatement,
    private readonly places: readonly Tunable[],
  ) {}

  searched(): SearchedName[] {
    return this.statement.entries
      .filter(({ key }) => !ownKeys.has(key.name))
      .map(entry => ({ name: entry.key.name, span: entry.key.span, range: this.range(entry) }));
  }

  /** The one place of a name; none or several have been reported with the names. */
  place(name: string): Tunable {
    const found = this.places.filter(place => place.name === name);
    if (found.length === 1) return found[0]!;
    const { span } = this.statement.entries.find(({ key }) => key.name === name)!.key;
    const message = `${name} must be found exactly once among what \`tune\` can vary`;
    throw new Skip({ code: 'key-unknown', severity: 'error', span, message });
  }

  trials(): number {
    const trials = this.whole('trials', 20);
    if (trials <= MOST_TRIALS) return trials;
    throw modelError('argument-value', this.value('trials')!.span, `trials is at most ${MOST_TRIALS}`);
  }

  private whole(key: string, otherwise: number): number {
    const value = this.value(key);
    if (!value) return otherwise;
    const number = knownNumber(this.context, value);
    if (number !== undefined && Number.isSafeInteger(number) && number >= 1) return number;
    throw modelError('argument-value', value.span, `${key} is a whole number from 1`);
  }

  search(): Tuning['search'] {
    const value = this.value('search');
    const word = value?.kind === 'name' ? value.name : 'random';
    return word === 'grid' || word === 'halving' ? word : 'random';
  }

  folds(split: Split | undefined): number {
    const value = this.value('folds');
    const span = value?.span ?? this.statement.span;
    const folds = this.whole('folds', split ? 5 : 1);
    if (!split) {
      if (folds === 1) return 1;
      throw modelError('argument-value', span, `folds is ${folds}, and the model has no rows of data to cut`);
    }
    const rows = split.train.length + split.validation.length;
    if (folds > rows) {
      const message = `folds is ${folds}, and there are ${rows} rows to cut${split.test.length > 0 ? ' beside the test rows' : ''}: at most one fold a row`;
      throw modelError('argument-value', span, message);
    }
    if (folds === 1 && split.validation.length === 0) {
      const message =
        'folds = 1 keeps the cut of `split`, which leaves no validation row: write `split = 0.8`, or more folds';
      throw modelError('train-config', span, message);
    }
    return folds;
  }

  private value(key: string): Expression | undefined {
    return this.statement.entries.find(entry => entry.key.name === key)?.value;
  }

  private range({ key, value }: Entry): SearchRange {
    const place = this.place(key.name);
    const kind = kindOf(place);
    const call = value.kind === 'call' ? value : undefined;
    switch (call?.callee.name) {
      case 'choice':
        return { kind: 'choice', values: this.choices(call!, key.name, kind) };
      case 'uniform':
      case 'log_uniform':
        return this.bounds(call!, key.name, kind);
      default:
        throw modelError(
          'argument-value',
          value.span,
          `${key.name} is searched in choice(1, 2, 3), uniform(0, 1) or log_uniform(1e-4, 1)`,
        );
    }
  }

  private choices(call: CallExpression, name: string, kind: string): SettingValue[] {
    if (call.arguments.length === 0) {
      throw modelError('argument', call.span, 'choice needs values to choose from: choice(8, 16, 32)');
    }
    return call.arguments.map(({ value }) => {
      const flag = value.kind === 'constant' && (value.name === 'true' || value.name === 'false');
      if (kind === 'flag' && flag) return value.name === 'true';
      const number = kind === 'flag' || flag ? undefined : knownNumber(this.context, value);
      if (number === undefined) {
        const what = kind === 'flag' ? 'true or false' : 'a number known before running';
        throw modelError('argument-value', value.span, `${name} is ${what}`);
      }
      if (isWhole(kind) && !Number.isInteger(number)) {
        throw modelError('argument-value', value.span, `${name} is a whole number, not ${number}`);
      }
      return number;
    });
  }

  private bounds(call: CallExpression, name: string, kind: string): SearchRange {
    if (kind === 'flag') {
      throw modelError('argument-value', call.span, `${name} is true or false: choice(true, false)`);
    }
    const number = (at: number, bound: string): number => {
      const argument = call.arguments.find(each => each.name?.name === bound) ?? call.arguments[at];
      const value = argument && knownNumber(this.context, argument.value);
      if (value !== undefined && Number.isFinite(value)) return value;
      throw modelError(
        'argument-value',
        argument?.span ?? call.span,
        `${bound} is a number known before running`,
      );
    };
    const [low, high] = [number(0, 'lo'), number(1, 'hi')];
    const range = call.callee.name === 'log_uniform' ? 'log_uniform' : 'uniform';
    if (!(low < high)) {
      throw modelError(
        'argument-value',
        call.span,
        `the lower bound ${low} is not below the upper one, ${high}`,
      );
    }
    if (range === 'log_uniform' && low <= 0) {
      throw modelError(
        'argument-value',
        call.span,
        `log_uniform needs bounds above 0, and the lower is ${low}`,
      );
    }
    if (isWhole(kind) && Math.ceil(low) > Math.floor(high)) {
      throw modelError(
        'argument-value',
        call.span,
        `${name} is a whole number, and there is none between ${low} and ${high}`,
      );
    }
    return { kind: range, low, high, whole: isWhole(kind) };
  }
}

function kindOf(place: Tunable): string {
  if (place.kind === 'number') return 'number';
  return place.kind === 'key' ? place.key.kind : (place.parameter.kind ?? 'number');
}

function isWhole(kind: string): boolean {
  return kind === 'size' || kind === 'whole';
}
