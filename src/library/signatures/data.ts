import { group } from './define';

const test = 'test: source = none';
const random = 'seed: number = 0';

export const dataSourceSignatures = group('data source', [
  [
    `csv(path: string, header: flag auto = auto, names: strings = none, ${test})`,
    'A table of text, also gzipped; delimiter, header and types are detected, and a column of words becomes class numbers that keep their names.',
  ],
  [
    `parquet(path: string, ${test})`,
    'A Parquet file: numbers, truth values, texts (classes), and lists of numbers as cells with a shape.',
  ],
  [
    `jsonl(path: string, ${test})`,
    'One JSON object a line; a key is a column, and lists of numbers of one shape are cells with that shape.',
  ],
  [
    `npy(path: string, ${test})`,
    "A NumPy array: a vector is `x0`, a matrix `x0 x1 ...`; with more axes, `x0` has cells of the other axes' shape.",
  ],
  [
    `npz(path: string, ${test})`,
    'Several NumPy arrays of equally many rows, by name; a matrix `x` has the columns `x0 x1 ...`.',
  ],
  [
    `idx(images: string, labels: string, ${test})`,
    "MNIST's format, also gzipped: columns `image`, grey with one channel, and `label`; `test = idx(...)`.",
  ],
  [
    'cifar10(folder: string)',
    'The binary version of CIFAR-10: columns `image` and `label` with class names; `test_batch.bin` are the test rows.',
  ],
  [
    `images(folder: string, ${test})`,
    'A folder of PNG and JPEG pictures of one size, with a subfolder per class: columns `image` and `label`; read when needed.',
  ],
  [
    `moons(n: size = 100, noise: number = 0, ${random})`,
    'Two half circles that reach into each other: `x0 x1` and `label`.',
  ],
  [
    `circles(n: size = 100, noise: number = 0, factor: number = 0.8, ${random})`,
    'A circle around a smaller one: `x0 x1` and `label`.',
  ],
  [
    `spiral(n: size = 300, classes: size = 3, noise: number = 0.2, ${random})`,
    'Arms that wind out from the origin, one a class: `x0 x1` and `label`.',
  ],
  [
    `blobs(n: size = 100, classes: size = 3, features: size = 2, noise: number = 1, ${random})`,
    'Round clouds, one a class: `x0 ...` and `label`.',
  ],
  [
    `xor(n: size = 4, noise: number = 0, ${random})`,
    'The truth table of exclusive or, again and again: `x0 x1` and `label`.',
  ],
  [
    `linear(n: size = 100, features: size = 1, noise: number = 0.1, ${random})`,
    'Points about a plane: `x0 ...` and `y`.',
    'y = w x + b + noise',
  ],
  [
    `sine(n: size = 100, noise: number = 0.1, ${random})`,
    'Points about a sine: `x0` and `y`.',
    'y = sin x + noise',
  ],
  ['dropna(d: table)', 'The rows of a table without an empty cell: `data clean = dropna(d)`.'],
]);

export const preprocessingSignatures = group('preprocessing', [
  [
    'standardize(x)',
    'Each column with mean 0 and deviation 1, learned from the training rows.',
    '(x - mean) / std',
  ],
  ['minmax(x)', 'Each column from 0 to 1, learned from the training rows.', '(x - min) / (max - min)'],
  ['train_rows(v)', 'The training rows of a value of all rows.'],
  ['test_rows(v)', 'The test rows of a value of all rows.'],
  ['fillna(x, value: number mean = mean)', "Empty cells become a number, or the column's mean."],
]);
