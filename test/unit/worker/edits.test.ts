import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DataCache } from '../../../src/data/cache';
import type { Evaluate } from '../../../src/graph/evaluate';
import { analyze } from '../../../src/language/analyze';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';
import { compile } from '../../../src/runtime/program';
import { Dataset } from '../../../src/training/dataset';
import { allAdjoints, Evaluation } from '../../../src/training/evaluation';
import { initialParameters } from '../../../src/training/initial';
import { createEngine } from '../../../src/worker/handler';
import type { Analysis } from '../../../src/worker/protocol';

/** One kind of change to a line or to the lines around it. */
type Edit = readonly ['number' | 'operator' | 'name' | 'insert' | 'delete', line: number, choice: number];

const plain = [
  'input x : [3, 2] = [[1, 2], [3, -4], [0.5, 0.25]]',
  'param w : [2, 4] ~ normal(0.5)',
  'a = x @ w * 0.5',
  'b = tanh(a) + 0.5',
  'c = where(b > 0.5, b ** 2, -b)',
  'd = softmax(c * 2)',
  'k = 2 * 3 + 0.5',
  'loss = mean(d * b) + k * sum(c ** 2)',
];

/** With parameters of layers, and long enough to be computed in pieces. */
const layered = [
  'input x : [3, 2] = [[1, 2], [3, -4], [0.5, 0.25]]',
  'param w : [2, 4] ~ normal(0.5)',
  'a = dense(x @ w * 0.5, 5, act = tanh)',
  'b = layer_norm(dense(a, 4)) + 0.5',
  'c = where(b > 0.5, b ** 2, -b) + dense(a, 4)',
  'd = softmax(dense(c * 2, 4))',
  'k = 2 * 3 + 0.5',
  'loss = mean(d * b) + k * sum(c ** 2) + 0.01 * l2()',
];

const numbers = ['0', '1', '0.5', '2', '3', '0.25', '-1', '7e-3'];
const operators = ['+', '-', '*'];
const inserted = ['b = b * 0.5', 'b = sin(b)', 'c = relu(c - 0.5)', 'k = k + 2', 'b = b + k'];

function edited(lines: readonly string[], [kind, at, choice]: Edit): string[] {
  // What comes before `a`, and the loss, are needed.
  const line = 2 + (at % (lines.length - 2));
  const own = lines[line]!;
  const put = (text: string): string[] => lines.with(line, text);
  switch (kind) {
    case 'number':
      return put(own.replace(/(?<=[ (])\d[\d.e-]*/, numbers[choice % numbers.length]!));
    case 'operator':
      return put(own.replace(/ [+*-] /, ` ${operators[choice % operators.length]} `));
    case 'name':
      return lines.map(text => text.replaceAll(/\bw\d*\b/g, `w${choice}`));
    case 'insert': {
      const before = Math.max(line, lines.findIndex(text => text.startsWith('k ')) + 1);
      return lines.toSpliced(before, 0, inserted[choice % inserted.length]!);
    }
    case 'delete':
      return inserted.includes(own) ? lines.toSpliced(line, 1) : [...lines];
  }
}

/** Without any program, code or adjoint made before. */
const evaluateAnew: Evaluate = (outputs, feeds, sizes) => {
  const program = compile({ outputs, cut: new Set(feeds.keys()), sizes, precision: 64 });
  for (const node of program.fed) program.buffer(node).set(feeds.get(node)!.data);
  program.run();
  return outputs.map(node => ({
    dtype: node.dtype,
    shape: [...program.shape(node)],
    data: program.buffer(node).slice(),
  }));
};

type Shown = readonly [name: string, value: readonly number[], gradient: readonly number[] | undefined];

async function valuesAnew(text: string): Promise<Shown[]> {
  const source = new Source('/m.nabla', text);
  const options = { data: new DataCache(), evaluate: evaluateAnew, folder: '/', trusted: true };
  const { model } = await analyze(source, analyzeText(source).file, options);
  const dataset = Dataset.build(model, new Map(), { split: 1, seed: 0 }, evaluateAnew);
  const parameters = initialParameters(model, 0, evaluateAnew);
  const evaluation = new Evaluation(model, dataset, parameters, evaluateAnew);
  const adjoints = allAdjoints(model, model.objective!.node);
  return model.names.map(({ name, node }) => {
    const adjoint = adjoints.of(node);
    const [value, gradient] = evaluation.values(adjoint ? [node, adjoint] : [node]);
    return [name, [...value!.data], gradient && [...gradient.data]] as const;
  });
}

function assertClose(actual: readonly number[] | undefined, expected: readonly number[], what: string): void {
  assert.equal(actual?.length, expected.length, what);
  expected.forEach((x, i) => {
    const y = actual![i]!;
    const close = Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(x));
    assert.ok(close, `${what}[${i}] is ${y}, and anew ${x}`);
  });
}

describe('a model under edits', () => {
  it('has the values and gradients of a fresh analysis after each', async () => {
    const edit = fc.tuple(
      fc.constantFrom('number', 'number', 'operator', 'name', 'insert', 'delete'),
      fc.nat(20),
      fc.nat(20),
    ) as fc.Arbitrary<Edit>;
    const sequences = fc.array(edit, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(plain, layered), sequences, async (start, edits) => {
        const engine = createEngine(() => {});
        let lines: string[] = start;
        for (const [version, each] of edits.entries()) {
          lines = edited(lines, each);
          const text = lines.join('\n');
          const { file } = analyzeText(new Source('/m.nabla', text));
          const document = { uri: 'm', version, path: '/m.nabla', text, file, trusted: true };
          const request = { kind: 'analyze', document, values: true } as const;
          const analysis = (await engine.handle(request, () => false)) as Analysis;
          const anew = await valuesAnew(text);
          const found = analysis.names.filter(({ node, name }) => node >= 0 && !name.includes('.'));
          assert.deepEqual(
            found.map(({ name }) => name),
            anew.map(([name]) => name),
            text,
          );
          anew.forEach(([name, value, gradient], i) => {
            assertClose(found[i]!.value?.elements, value, `${text}\n\n${name}`);
            if (gradient)
              assertClose(found[i]!.gradient?.elements, gradient, `${text}\n\nthe gradient of ${name}`);
          });
        }
      }),
      { numRuns: 12 },
    );
  });
});
