/** One key of a `train` or `tune` block. */
export interface BlockKey {
  readonly name: string;
  readonly kind: BlockKeyKind;
  /** As it is written in a file; absent where leaving the key out means to do without. */
  readonly default?: string;
  /** The bare words that are allowed beside or instead of a value. */
  readonly choices?: readonly string[];
  readonly doc: string;
}

export type BlockKeyKind =
  /** A call of an optimiser, built in or of the file. */
  | 'optimizer'
  /** A call of a schedule, or a scalar expression of `k`. */
  | 'schedule'
  /** A whole number above 0, known before running. */
  | 'size'
  /** A whole number, known before running. */
  | 'whole'
  /** A number above 0, known before running. */
  | 'number'
  | 'flag'
  /** One of `choices`. */
  | 'word'
  /** A share of the rows, or a list of them. */
  | 'shares'
  /** A list of scalar expressions. */
  | 'expressions'
  /** A list of parameters. */
  | 'parameters';

export const trainKeys: readonly BlockKey[] = [
  {
    name: 'optimizer',
    kind: 'optimizer',
    default: 'sgd(lr = 0.01)',
    doc: 'How the parameters follow their gradients.',
  },
  {
    name: 'batch',
    kind: 'size',
    default: '32',
    choices: ['full'],
    doc: 'How many rows a step sees; `full` is all of them.',
  },
  { name: 'epochs', kind: 'size', default: '10', doc: 'How often training goes through all rows.' },
  {
    name: 'steps',
    kind: 'size',
    doc: 'How many updates to make, instead of `epochs`. A model without data makes 100.',
  },
  {
    name: 'split',
    kind: 'shares',
    default: '1',
    doc: 'The share of the rows to train on, or `[train, validation, test]`.',
  },
  {
    name: 'shuffle',
    kind: 'flag',
    default: 'true',
    doc: 'Whether every epoch takes the rows in another order.',
  },
  {
    name: 'seed',
    kind: 'whole',
    default: '0',
    doc: 'The start of every random number: the same seed gives the same run.',
  },
  {
    name: 'drop_last',
    kind: 'flag',
    default: 'false',
    doc: 'Whether to leave out the last, smaller batch of an epoch.',
  },
  {
    name: 'schedule',
    kind: 'schedule',
    default: 'constant()',
    doc: 'Multiplies `lr`: a schedule, or an expression of `k`, the updates made so far.',
  },
  {
    name: 'clip_norm',
    kind: 'number',
    doc: 'The largest norm of all gradients together; longer ones are scaled down to it.',
  },
  { name: 'clip_value', kind: 'number', doc: 'The largest absolute value of a gradient entry.' },
  {
    name: 'metrics',
    kind: 'expressions',
    default: '[]',
    doc: 'What to report beside the loss: `[accuracy(logits, y)]`.',
  },
  {
    name: 'params',
    kind: 'parameters',
    doc: 'The parameters to train; the rest stay fixed. All when absent.',
  },
  {
    name: 'early_stop',
    kind: 'size',
    doc: 'Stop after so many epochs without a better validation loss; the best is restored.',
  },
  {
    name: 'precision',
    kind: 'word',
    default: '32',
    choices: ['32', '64'],
    doc: 'The bits of a float while training.',
  },
  { name: 'checkpoint', kind: 'size', doc: 'Save the training every so many epochs.' },
];

/** Keys of `tune` beside the names that are searched. */
export const tuneKeys: readonly BlockKey[] = [
  {
    name: 'trials',
    kind: 'size',
    default: '20',
    doc: 'How many settings to try; in a grid, how many points the ranges may make of it.',
  },
  {
    name: 'folds',
    kind: 'size',
    default: '5',
    doc: 'Into how many parts cross-validation cuts the rows that are no test rows; 1 keeps the cut of `split`.',
  },
  {
    name: 'search',
    kind: 'word',
    default: 'random',
    choices: ['random', 'grid', 'halving'],
    doc: 'How settings are chosen: `halving` gives the better half of them twice the epochs, again and again.',
  },
];
