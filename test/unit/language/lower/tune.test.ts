import assert from 'node:assert/strict';
import { findingsOf, lowered } from './models';

const rows = [
  'data d = linear(n = 20, seed = 1)',
  'input x : [N, 1] = d[:, 0:1]',
  'input y : [N] = d["y"]',
  'width = 4',
  'loss = mse(dense(dense(x, width), 1), expand(y, 1))',
].join('\n');

/** Findings of a `tune` block on the seventh line. */
function findings(block: string, train = 'train loss { split = [0.5, 0.3, 0.2] }'): Promise<string[]> {
  return findingsOf(`${rows}\n${train}\ntune { ${block} }`);
}

describe('tune', () => {
  it('is read into data', async () => {
    const text = `${rows}\ntrain loss { seed = 7 }\ntune { lr = uniform(0, 1); width = choice(2, -3); epochs = log_uniform(1, 8); trials = 3 }`;
    const { model } = await lowered(text);
    const { searched, trials, folds, search, seed, split } = model.tuning!;
    assert.deepEqual(
      searched.map(({ name, range }) => [name, range]),
      [
        ['lr', { kind: 'uniform', low: 0, high: 1, whole: false }],
        ['width', { kind: 'choice', values: [2, -3] }],
        ['epochs', { kind: 'log_uniform', low: 1, high: 8, whole: true }],
      ],
    );
    assert.deepEqual([trials, folds, search, seed, split!.train.length], [3, 5, 'random', 7, 20]);
  });

  it('says what does not fit, at its place', async () => {
    const cases: readonly (readonly [string, string])[] = [
      [
        'folds = 17',
        '7:16 error[argument-value] folds is 17, and there are 16 rows to cut beside the test rows: at most one fold a row',
      ],
      ['folds = 0', '7:16 error[argument-value] folds is a whole number from 1'],
      ['trials = 2.5; lr = uniform(0, 1)', '7:17 error[argument-value] trials is a whole number from 1'],
      ['trials = 1e9; lr = uniform(0, 1)', '7:17 error[argument-value] trials is at most 10000'],
      [
        'lr = 0.1',
        '7:13 error[argument-value] lr is searched in choice(1, 2, 3), uniform(0, 1) or log_uniform(1e-4, 1)',
      ],
      ['lr = uniform(1, 0)', '7:13 error[argument-value] the lower bound 1 is not below the upper one, 0'],
      [
        'lr = log_uniform(0, 1)',
        '7:13 error[argument-value] log_uniform needs bounds above 0, and the lower is 0',
      ],
      ['lr = uniform(0, sum(y))', '7:24 error[argument-value] hi is a number known before running'],
      ['lr = choice(y)', '7:20 error[argument-value] lr is a number known before running'],
      ['epochs = choice(1.5)', '7:24 error[argument-value] epochs is a whole number, not 1.5'],
      [
        'epochs = uniform(1.2, 1.8)',
        '7:17 error[argument-value] epochs is a whole number, and there is none between 1.2 and 1.8',
      ],
      ['shuffle = uniform(0, 1)', '7:18 error[argument-value] shuffle is true or false: choice(true, false)'],
      ['shuffle = choice(1)', '7:25 error[argument-value] shuffle is true or false'],
    ];
    for (const [block, expected] of cases) assert.deepEqual(await findings(block), [expected], block);
  });

  it('needs every name to be found exactly once', async () => {
    const unknown =
      '`tune` finds no `rate`: it varies top-level numbers, keys of `train`, and arguments of its optimiser and schedule.';
    assert.deepEqual(await findings('rate = uniform(0, 1)'), [`7:8 error[key-unknown] ${unknown}`]);
    const twice =
      'error[key-conflict] `lr` means more than one thing that `tune` could vary: rename the number.';
    assert.deepEqual(await findings('lr = uniform(0, 1)', 'train loss { }; train loss { }'), [
      `7:8 ${twice}`,
    ]);
    const split = await findings('split = choice(0.5, 0.8)');
    assert.match(split.join(), /7:8 error\[key-unknown\] `tune` finds no `split`/);
  });

  it('needs rows to hold back', async () => {
    assert.deepEqual(
      await findings('folds = 1', 'train loss { }'),
      [
        '7:1 error[train-config] folds = 1 keeps the cut of `split`, which leaves no validation row: write `split = 0.8`, or more folds',
      ].map(text => text.replace('7:1 ', '7:16 ')),
    );
    const alone = 'param w = 1\nloss = w ** 2\ntune { folds = 3 }';
    assert.deepEqual(await findingsOf(alone), [
      '3:16 error[argument-value] folds is 3, and the model has no rows of data to cut',
    ]);
    const few = 'data d = xor()\ninput x : [N, 2] = d[:, 0:2]\nloss = mean(dense(x, 1))\ntune { }';
    assert.deepEqual(await findingsOf(few), [
      '4:1 error[argument-value] folds is 5, and there are 4 rows to cut: at most one fold a row',
    ]);
  });

  it('stands once in a file', async () => {
    assert.deepEqual(await findings('folds = 2 }\ntune { folds = 3'), [
      '8:1 error[name-duplicate] a file has one `tune` block, and this is a second',
    ]);
  });
});
