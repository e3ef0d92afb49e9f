import { type RandomStream, randomStream } from '../base/random';
import { cos, sin } from './angle';
import { narrow } from './column';
import { DataError } from './error';
import type { ColumnSchema, Table } from './table';

/**
 * Made-up data, after scikit-learn's generators and the course's spiral. Every set takes `seed`, and rows of
 * different classes take turns, so that the first rows already show all of them. Noise is a standard deviation.
 *
 * | set     | parameters and defaults                                          | columns                    |
 * | ------- | ---------------------------------------------------------------- | -------------------------- |
 * | moons   | `n = 100, noise = 0, seed = 0`                                   | `x0 x1`, `label` 0 or 1    |
 * | circles | `n = 100, noise = 0, factor = 0.8, seed = 0`                     | `x0 x1`, `label` 0 or 1    |
 * | spiral  | `n = 300, classes = 3, noise = 0.2, seed = 0`                    | `x0 x1`, `label`           |
 * | blobs   | `n = 100, classes = 3, features = 2, noise = 1, seed = 0`        | `x0 ...`, `label`          |
 * | xor     | `n = 4, noise = 0, seed = 0`                                     | `x0 x1`, `label` 0 or 1    |
 * | linear  | `n = 100, features = 1, noise = 0.1, seed = 0`                   | `x0 ...`, `y`              |
 * | sine    | `n = 100, noise = 0.1, seed = 0`                                 | `x0`, `y`                  |
 *
 * `n` counts all rows, not those of a class.
 */
export const syntheticSets = {
  /** Two half circles that reach into each other; `label` 0 is the upper one. */
  moons: {
    defaults: { n: 100, noise: 0, seed: 0 },
    make({ n, noise }, random) {
      return classified(n, 2, (label, share) => {
        const angle = Math.PI * share;
        const point = label === 0 ? [cos(angle), sin(angle)] : [1 - cos(angle), 0.5 - sin(angle)];
        return point.map(v => v + noise * random.normal());
      });
    },
  },
  /** A circle of radius 1, `label` 0, around one of radius `factor`. */
  circles: {
    defaults: { n: 100, noise: 0, factor: 0.8, seed: 0 },
    make({ n, noise, factor }, random) {
      return classified(n, 2, (label, _, turn) => {
        const radius = label === 0 ? 1 : factor;
        return [radius * cos(turn), radius * sin(turn)].map(v => v + noise * random.normal());
      });
    },
  },
  /** Arms that wind out from the origin, one a class, each through 4 radians; the noise is in the angle. */
  spiral: {
    defaults: { n: 300, classes: 3, noise: 0.2, seed: 0 },
    make({ n, classes, noise }, random) {
      return classified(n, classes, (label, radius) => {
        const angle = 4 * label + 4 * radius + noise * random.normal();
        return [radius * sin(angle), radius * cos(angle)];
      });
    },
  },
  /** Round clouds about centres that are uniform in [-10, 10). */
  blobs: {
    defaults: { n: 100, classes: 3, features: 2, noise: 1, seed: 0 },
    make({ n, classes, features, noise }, random) {
      const centres = random.fillUniform(new Float64Array(classes * features), -10, 10);
      return classified(n, classes, label =>
        Array.from({ length: features }, (_, j) => centres[label * features + j]! + noise * random.normal()),
      );
    },
  },
  /** The corners of the unit square in the order of the truth table, again and again; with `n = 4`, the table itself. */
  xor: {
    defaults: { n: 4, noise: 0, seed: 0 },
    make({ n, noise }, random) {
      const rows = Array.from({ length: n }, (_, i) => [(i >> 1) & 1, i & 1, ((i >> 1) ^ i) & 1]);
      for (const row of rows) {
        row[0]! += noise * random.normal();
        row[1]! += noise * random.normal();
      }
      return { rows, target: labels };
    },
  },
  /** y = w x + b with noise; features, w and b are standard normal. */
  linear: {
    defaults: { n: 100, features: 1, noise: 0.1, seed: 0 },
    make({ n, features, noise }, random) {
      const weights = random.fillNormal(new Float64Array(features));
      const bias = random.normal();
      const rows = Array.from({ length: n }, () => {
        const x = Array.from({ length: features }, () => random.normal());
        const y = x.reduce((sum, v, j) => sum + v * weights[j]!, bias);
        return [...x, y + noise * random.normal()];
      });
      return { rows, target: { name: 'y', dtype: 'float' } };
    },
  },
  /** y = sin x with noise, x evenly from -pi to pi. */
  sine: {
    defaults: { n: 100, noise: 0.1, seed: 0 },
    make({ n, noise }, random) {
      const rows = Array.from({ length: n }, (_, i) => {
        const x = Math.PI * (n === 1 ? 0 : (2 * i) / (n - 1) - 1);
        return [x, sin(x) + noise * random.normal()];
      });
      return { rows, target: { name: 'y', dtype: 'float' } };
    },
  },
} satisfies Record<string, SyntheticSet>;

type Numbers = Readonly<Record<'n' | 'noise' | 'seed' | 'classes' | 'features' | 'factor', number>>;

interface SyntheticSet {
  readonly defaults: Partial<Numbers>;
  /** Rows whose last entry is the target. */
  make(parameters: Numbers, random: RandomStream): Made;
}

interface Made {
  readonly rows: readonly (readonly number[])[];
  readonly target: ColumnSchema;
}

/** The table of a synthetic set. Throws a `DataError` for an argument that is unknown or impossible. */
export function synthesize(
  kind: keyof typeof syntheticSets,
  given: Readonly<Record<string, unknown>>,
): Table {
  const set: SyntheticSet = syntheticSets[kind];
  const parameters = { ...set.defaults } as Record<string, number>;
  for (const [name, value] of Object.entries(given))
    parameters[name] = checked(kind, name, value, set.defaults);
  const { rows, target } = set.make(parameters as Numbers, randomStream(parameters.seed!, kind));
  const width = rows[0]!.length - 1;
  const features = Array.from({ length: width }, (_, j): ColumnSchema => ({ name: `x${j}`, dtype: 'float' }));
  const columns = [...features, target];
  return {
    rows: rows.length,
    columns,
    data: columns.map((_, j) =>
      narrow(
        rows.map(row => row[j]!),
        rows.length,
      ),
    ),
  };
}

const LIMITS: Numbers = {
  n: 10_000_000,
  classes: 1000,
  features: 10_000,
  noise: 1e9,
  factor: 1,
  seed: 2 ** 53,
};

function checked(kind: string, name: string, value: unknown, defaults: Partial<Numbers>): number {
  const fail = (message: string): never => {
    throw new DataError('argument-value', message);
  };
  if (!(name in defaults)) {
    return fail(`${kind} has no argument "${name}"; it takes ${Object.keys(defaults).join(', ')}.`);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return fail(`${name} of ${kind} must be a number.`);
  }
  const limit = LIMITS[name as keyof Numbers];
  if (name === 'seed')
    return Number.isSafeInteger(value) ? value : fail(`seed of ${kind} must be a whole number.`);
  if (name === 'noise' || name === 'factor') {
    return value >= 0 && value <= limit
      ? value
      : fail(`${name} of ${kind} must be from 0 to ${limit}, not ${value}.`);
  }
  return Number.isInteger(value) && value >= 1 && value <= limit
    ? value
    : fail(`${name} of ${kind} must be a whole number from 1 to ${limit}, not ${value}.`);
}

/**
 * `n` points of `classes` classes that take turns. `place` gets the class, how far along its class the point is (0 to 1,
 * both reached), and the same as an angle of a full circle (0 reached, 2 pi not).
 */
function classified(
  n: number,
  classes: number,
  place: (label: number, share: number, turn: number) => number[],
): Made {
  const rows = Array.from({ length: n }, (_, i) => {
    const label = i % classes;
    const members = Math.ceil((n - label) / classes);
    const position = Math.floor(i / classes);
    const share = members > 1 ? position / (members - 1) : 0;
    return [...place(label, share, (2 * Math.PI * position) / members), label];
  });
  return { rows, target: labels };
}

const labels: ColumnSchema = { name: 'label', dtype: 'int' };
