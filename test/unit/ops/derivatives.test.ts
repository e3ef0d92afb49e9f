import assert from 'node:assert/strict';
import { forward } from '../../../src/autodiff/forward';
import { gradcheck } from '../../../src/autodiff/gradcheck';
import { type Adjoints, reverse } from '../../../src/autodiff/reverse';
import type { Node } from '../../../src/graph/node';
import { concreteShape, countOf } from '../../../src/graph/shape';
import { definitionOf, type OpName, opNames } from '../../../src/ops/registry';
import { adjointProblems, verify } from '../../../src/ops/verify';
import { evaluate } from '../../../src/runtime/evaluate';
import { finished } from '../../support/finished';
import { Scene } from '../../support/scene';
import { type OpCase, opCases } from './cases';

const SEEDS = [1, 2, 3];

/** Ops that only lead to others are tested with what they lead to. */
const withoutCases: readonly OpName[] = [
  'input',
  'data',
  'rows',
  'buffer',
  'random_mask',
  'numeric_gradient',
];

describe('derivatives of every op', () => {
  it('has a row for every op of the registry', () => {
    for (const op of opNames) {
      assert.ok(opCases[op].length > 0 || withoutCases.includes(op), `no test row for ${op}`);
    }
  });

  for (const op of opNames) {
    opCases[op].forEach((build: OpCase, i) => {
      for (const seed of SEEDS) {
        it(`${op} ${i + 1}, draw ${seed}`, () => checkCase(op, build, seed));
      }
    });
  }
});

function checkCase(op: OpName, build: OpCase, seed: number): void {
  const scene = new Scene(seed, op);
  const output = build(scene);
  if (!['stop_gradient', 'cast'].includes(op)) assert.equal(output.op, op);
  if (output.dtype !== 'float') {
    assert.ok(['nondifferentiable', 'leaf'].includes(definitionOf(op).kind));
    evaluate([output], scene.feeds, {});
    assert.deepEqual(verify(scene.graph), []);
    return;
  }
  const loss = weighted(scene, output);
  const adjoints = reverse(scene.b, loss);
  assertMatchesDifferences(scene, loss, adjoints, op);
  assertModesAgree(scene, output);
  // Once more: the gradient, made a scalar again, has a right gradient too.
  const gradients = scene.floats.flatMap(leaf => adjoints.of(leaf) ?? []);
  if (gradients.length > 0) {
    const again = gradients.map(gradient => weighted(scene, gradient)).reduce((p, q) => scene.b.add(p, q));
    assertMatchesDifferences(
      scene,
      again,
      reverse(scene.b, again, { wrt: scene.floats }),
      `gradient of ${op}`,
    );
    assertModesAgree(scene, again);
  }
  assert.deepEqual(verify(scene.graph), []);
  for (const node of scene.graph.nodes) {
    const adjoint = adjoints.of(node);
    if (adjoint) assert.deepEqual(adjointProblems(node, adjoint), []);
  }
}

/** The sum of the elements, each with a random weight. */
function weighted(scene: Scene, x: Node): Node {
  const weights = scene.b.tensor(random(scene, x), x.shape);
  return scene.b.sumAll(scene.b.mul(x, weights));
}

function assertMatchesDifferences(scene: Scene, loss: Node, adjoints: Adjoints, what: string): void {
  const targets = scene.floats.map((node, i) => ({ path: `x${i}`, node, adjoint: adjoints.of(node) }));
  const rows = finished(
    gradcheck(evaluate, loss, targets, scene.feeds, {}, { graph: scene.b.graph, random: scene.random }),
  );
  for (const row of rows) {
    assert.ok(row.pass, `${what}, ${row.path}[${row.index}]: ${row.automatic} against ${row.numeric}`);
    assert.equal(row.kinks.length, 0, `${what}: kink`);
  }
}

/** <u, J v> = <Jᵀ u, v> for random u and v. */
function assertModesAgree(scene: Scene, output: Node): void {
  const { b, feeds, floats } = scene;
  const tangents = new Map(floats.map(leaf => [leaf, b.tensor(random(scene, leaf), leaf.shape)]));
  const [pushed] = forward(b, [output], tangents);
  const seed = b.tensor(random(scene, output), output.shape);
  const pulled = reverse(b, output, { seed, wrt: floats });
  const inner = (p: Node | null | undefined, q: Node): number => {
    if (!p) return 0;
    const [left, right] = evaluate([p, q], feeds, {});
    return Float64Array.from(left!.data).reduce((sum, x, i) => sum + x * right!.data[i]!, 0);
  };
  const right = floats.map(leaf => inner(pulled.of(leaf), tangents.get(leaf)!)).reduce((p, q) => p + q, 0);
  const left = inner(pushed, seed);
  assert.ok(
    Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left)),
    `<u, Jv> ${left}, <J'u, v> ${right}`,
  );
}

function random(scene: Scene, like: Node): number[] {
  return Array.from({ length: countOf(concreteShape(like.shape, {})) }, () => scene.random.normal());
}
