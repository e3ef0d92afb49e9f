import assert from 'node:assert/strict';
import { TrialTable } from '../../../src/drawing/trials';
import { trialsText } from '../../../src/views/trials/trialsText';

const score = (loss: number) => ({ loss, metrics: { accuracy: 1 - loss } });

describe('trialsText', () => {
  it('is a table that reads well as it is, and follows the search', () => {
    const table = new TrialTable();
    assert.equal(
      trialsText('iris.nabla', table, { kind: 'running', progress: 0.254 }),
      '# Trials of iris.nabla\n\nRunning, 25\u2009% done.\n',
    );
    table.hear({ kind: 'start', trial: 1 });
    const first = { trial: 1, settings: { lr: 0.1, units: 8 }, share: 0.5, folds: [score(0.5)] };
    table.hear({ kind: 'trial', ...first, score: score(0.5) });
    table.hear({
      kind: 'trial',
      trial: 2,
      settings: { lr: 1, units: 16 },
      share: 0.5,
      folds: [],
      failure: 'a | b',
    });
    table.hear({ kind: 'best', trial: 1 });
    const folds = [score(0.25), score(0.5)];
    table.hear({ kind: 'trial', ...first, share: 1, folds, score: score(0.375) });
    table.hear({ kind: 'test', trial: 1, trainingRows: 120, rows: 30, result: score(0.75) });
    assert.equal(
      trialsText('iris.nabla', table, { kind: 'finished' }),
      `# Trials of iris.nabla

Finished.

|     | trial | lr  | units | training | loss   | accuracy |        |
| --- | ----- | --- | ----- | -------- | ------ | -------- | ------ |
| ★   | 1     | 0.1 | 8     | full     | 0.375  | 0.625    |        |
|     | 2     | 1   | 16    | 1/2      | failed | –        | a \\| b |

| best: trial 1 | lr = 0.1, units = 8                                           |
| ------------- | ------------------------------------------------------------- |
| fold 1        | loss 0.25  accuracy 0.75                                      |
| fold 2        | loss 0.5  accuracy 0.5                                        |
| mean          | loss 0.375  accuracy 0.625                                    |
| test          | loss 0.75  accuracy 0.25  (30 rows, trained on the other 120) |
`,
    );
  });
});
