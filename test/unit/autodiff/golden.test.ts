import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reverse } from '../../../src/autodiff/reverse';
import type { Node } from '../../../src/graph/node';
import { countOf, shapeOf } from '../../../src/graph/shape';
import type { DType, Tensor } from '../../../src/graph/types';
import { lower } from '../../../src/language/lower/lower';
import type { Model } from '../../../src/language/model';
import { parse } from '../../../src/language/parser';
import { Source } from '../../../src/language/source';
import { verify } from '../../../src/ops/verify';
import { evaluate } from '../../../src/runtime/evaluate';
import { storage } from '../../support/scene';

/** As `test/golden/generate.py` writes it. */
interface Golden {
  readonly expression: string;
  readonly operands: readonly GoldenTensor[];
  readonly value: GoldenTensor;
  /** Of <u, value>, for each float operand. */
  readonly gradients?: readonly Numbers[];
  /** Of <v, gradients>. */
  readonly second?: readonly Numbers[];
}

interface GoldenTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** `"NaN"`, `"Infinity"` and `"-Infinity"` stand for themselves. */
type Numbers = readonly (number | string)[];

const TOLERANCE = 1e-9;
const folder = join(__dirname, '../../golden');
const u = (i: number): number => (((7 * i) % 5) - 1.5) / 2;
const v = (i: number): number => (((3 * i) % 7) - 2.5) / 3;

describe('the numbers of PyTorch', () => {
  for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
    const cases = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly Golden[];
    describe(file, () => {
      for (const golden of cases) {
        const shapes = golden.operands.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');
        it(`${golden.expression}   ${shapes}`, () => checkGolden(golden));
      }
    });
  }
});

function checkGolden({ expression, operands, value, gradients, second }: Golden): void {
  const model = modelOf(expression, operands);
  const { builder: b } = model;
  const output = nodeOf(model, 'out');
  const inputs = operands.map((_, i) => nodeOf(model, nameAt(i)));
  const feeds = new Map<Node, Tensor>(inputs.map((input, i) => [input, tensorOf(operands[i]!)]));
  for (const { node, sizes, initial } of model.buffers) {
    const data = new Float64Array(countOf(sizes)).fill(initial);
    feeds.set(node, { dtype: 'float', shape: sizes, data });
  }
  const results: { what: string; node: Node; expected: Numbers }[] = [
    { what: 'value', node: output, expected: value.data },
  ];
  assert.equal(output.dtype, value.dtype);
  const floats = inputs.filter(input => input.dtype === 'float');
  if (gradients && output.dtype === 'float') {
    const seed = b.tensor(weights(u, value.shape), shapeOf(value.shape));
    const first = floats.map(
      (input, i) => reverse(b, output, { seed }).of(input) ?? b.zeros(floats[i]!.shape),
    );
    first.forEach((node, i) => {
      results.push({ what: `gradient ${i}`, node, expected: gradients[i]! });
    });
    const along = first.map(gradient => {
      const sizes = gradient.shape.map(dim => Number(dim.key));
      return b.sumAll(b.mul(gradient, b.tensor(weights(v, sizes), gradient.shape)));
    });
    if (second) {
      const adjoints = reverse(
        b,
        along.reduce((p, q) => b.add(p, q)),
      );
      floats.forEach((input, i) => {
        const node = adjoints.of(input) ?? b.zeros(input.shape);
        results.push({ what: `second derivative ${i}`, node, expected: second[i]! });
      });
    }
  }
  assert.deepEqual(verify(b.graph), []);
  for (const { what, node, expected } of results) {
    const [found] = evaluate([node], feeds, {});
    assertClose([...found!.data], expected.map(Number), `${expression}, ${what}`);
  }
}

function modelOf(expression: string, operands: readonly GoldenTensor[]): Model {
  const inputs = operands.map(
    ({ dtype, shape }, i) => `input ${nameAt(i)} : [${shape.join(', ')}] ${dtype}\n`,
  );
  const source = new Source('golden.nabla', `${inputs.join('')}out = ${expression}\n`);
  const parsed = parse(source);
  const model = lower(source, parsed.file, { schemas: new Map(), evaluate });
  const errors = [...parsed.diagnostics, ...model.diagnostics].filter(d => d.severity === 'error');
  assert.deepEqual(errors, []);
  return model;
}

function nodeOf(model: Model, name: string): Node {
  const named = model.names.find(n => n.name === name);
  assert.ok(named, name);
  return named.node;
}

function nameAt(i: number): string {
  return 'abcdefghij'[i]!;
}

function weights(weight: (i: number) => number, shape: readonly number[]): number[] {
  return Array.from({ length: countOf(shape) }, (_, i) => weight(i));
}

function tensorOf({ dtype, shape, data }: GoldenTensor): Tensor {
  const values = storage(dtype, data.length);
  values.set(data.map(Number));
  return { dtype, shape, data: values };
}

function assertClose(found: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length, what);
  const scale = Math.max(0, ...expected.filter(Number.isFinite).map(Math.abs));
  expected.forEach((wanted, i) => {
    const got = found[i]!;
    const close = Object.is(got, wanted) || got === wanted || Math.abs(got - wanted) <= TOLERANCE * scale;
    assert.ok(close, `${what} [${i}]: ${got}, PyTorch ${wanted}`);
  });
}
