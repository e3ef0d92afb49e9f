import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DataCache } from '../../../src/data/cache';
import { readers } from '../../../src/data/source';
import { analyze } from '../../../src/language/analyze';
import { diagnosticCodes } from '../../../src/language/diagnostic';
import { gradientForms } from '../../../src/language/lower/gradients';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { builtins } from '../../../src/library/builtins';
import { optimizers } from '../../../src/library/optimizers';
import { signatures } from '../../../src/library/signatures';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import { Evaluation } from '../../../src/training/evaluation';
import { initialParameters } from '../../../src/training/initial';
import { followPath } from '../../../src/training/paths';

const root = resolve(__dirname, '../../..');
const page = readFileSync(join(root, 'docs/language.md'), 'utf8');
const documented = (name: string): boolean => page.includes(`\`${name}(`);

describe('docs/language.md', () => {
  it('lists every function that runs', () => {
    const names = [
      ...Object.keys(builtins),
      ...Object.keys(gradientForms),
      ...Object.keys(optimizers),
      ...Object.keys(readers),
    ];
    const initializers = signatures('initializer').map(signature => signature.name);
    assert.deepEqual(
      [...names, ...initializers].filter(name => !documented(name)),
      [],
    );
  });

  it('lists every diagnostic', () => {
    const missing = Object.keys(diagnosticCodes).filter(code => !page.includes(`| \`${code}\` |`));
    assert.deepEqual(missing, []);
  });

  const examples = [...page.matchAll(/```nabla\n([\s\S]*?)```/g)].map(match => match[1]!);
  for (const [i, text] of examples.entries()) {
    const [title = ''] = text.trim().split('\n');
    it(`runs example ${i + 1}: ${title}`, async () => {
      const source = new Source('example.nabla', text);
      const { file, diagnostics } = analyzeText(source);
      assert.deepEqual(
        diagnostics.filter(found => found.severity !== 'hint'),
        [],
      );
      const options = { data: new DataCache(), evaluate, folder: join(root, 'examples'), trusted: true };
      const analyzed = await analyze(source, file, options);
      assert.deepEqual(analyzed.diagnostics, []);
      const { model, tables } = analyzed;
      const dataset = Dataset.build(model, tables, model.trainings[0] ?? { split: 1, seed: 0 }, evaluate);
      const parameters = initialParameters(model, 0, evaluate);
      const { model: taken, evaluation } = followPath(
        model,
        path => new Evaluation(path, dataset, parameters, evaluate),
      );
      for (const check of taken.checks) {
        const outcome = evaluation.check(check);
        assert.ok(outcome.pass, `line ${source.line(check.span.start)} deviates by ${outcome.deviation}`);
      }
    });
  }
});
