import { constantValue } from '../graph/dimension';
import type { Node } from '../graph/node';
import { printShape } from '../graph/shape';
import type { Builder } from './builder';
import { type CustomOp, type Inference, OpError, type TensorType } from './definition';
import { requireDType } from './infer';

export type LinearAlgebraName = 'solve' | 'det' | 'lstsq';

export const linearAlgebraOps = {
  /** X with A X = B, for stacks of square A. Fails at run time where an A is singular. */
  solve: {
    kind: 'custom',
    infer: ([A, B], _, inference) => {
      requireSquare(A!, 'solve', inference);
      requireStack(A!, B!, 'solve', inference);
      inference.requireEqual(
        A!.shape.at(-2)!,
        B!.shape.at(-2)!,
        `solve(${printShape(A!.shape)}, ${printShape(B!.shape)})`,
      );
      return { dtype: 'float', shape: B!.shape };
    },
    // dB = A⁻ᵀ ct, dA = -dB Xᵀ
    vjp: (ct, [A], X, b, _, wanted) => {
      const dB = solve(transposed(A!, b), ct, b);
      return [wanted[0] ? b.neg(multiply(dB, transposed(X, b), b)) : null, wanted[1] ? dB : null];
    },
    // A dX = dB - dA X
    jvp: ([dA, dB], [A], X, b) => {
      const moved = dA && b.neg(multiply(dA, X, b));
      const right = moved && dB ? b.add(dB, moved) : (moved ?? dB);
      return right ? solve(A!, right, b) : null;
    },
    rule: (index, { operands: [A], output }) =>
      index === 0 ? `-solve(${A}ᵀ, g) @ ${output}ᵀ` : `solve(${A}ᵀ, g)`,
  },

  det: {
    kind: 'custom',
    infer: ([A], _, inference) => {
      requireSquare(A!, 'det', inference);
      return { dtype: 'float', shape: A!.shape.slice(0, -2) };
    },
    vjp: (ct, [A], output, b) => [b.mul(b.spread(ct, A!, lastTwo(A!)), cofactors(A!, output, b))],
    jvp: ([dA], [A], output, b) => (dA ? b.sum(b.mul(dA, cofactors(A!, output, b)), lastTwo(A!)) : null),
    rule: (_, { operands: [A] }) => `g · (cofactors of ${A})`,
  },

  /** X that minimises |A X - B|, for stacks of A of full column rank. */
  lstsq: {
    kind: 'custom',
    infer: ([A, B], _, inference) => {
      requireDType(A!, ['float'], 'lstsq');
      if (A!.shape.length < 2) throw new OpError('rank', `lstsq takes a matrix, not ${printShape(A!.shape)}`);
      requireStack(A!, B!, 'lstsq', inference);
      inference.requireEqual(
        A!.shape.at(-2)!,
        B!.shape.at(-2)!,
        `lstsq(${printShape(A!.shape)}, ${printShape(B!.shape)})`,
      );
      return { dtype: 'float', shape: [...A!.shape.slice(0, -2), A!.shape.at(-1)!, B!.shape.at(-1)!] };
    },
    // With Z = (Aᵀ A)⁻¹ ct and the residual R = B - A X: dB = A Z, dA = R Zᵀ - dB Xᵀ
    vjp: (ct, [A, B], X, b, _, wanted) => {
      const Z = solve(gram(A!, b), ct, b);
      const dB = multiply(A!, Z, b);
      if (!wanted[0]) return [null, dB];
      const R = b.sub(B!, multiply(A!, X, b));
      const dA = b.sub(multiply(R, transposed(Z, b), b), multiply(dB, transposed(X, b), b));
      return [dA, wanted[1] ? dB : null];
    },
    // Aᵀ A dX = dAᵀ R + Aᵀ (dB - dA X)
    jvp: ([dA, dB], [A, B], X, b) => {
      const terms: Node[] = [];
      if (dA) {
        const R = b.sub(B!, multiply(A!, X, b));
        terms.push(multiply(transposed(dA, b), R, b));
        terms.push(b.neg(multiply(transposed(A!, b), multiply(dA, X, b), b)));
      }
      if (dB) terms.push(multiply(transposed(A!, b), dB, b));
      return terms.length === 0
        ? null
        : solve(
            gram(A!, b),
            terms.reduce((s, t) => b.add(s, t)),
            b,
          );
    },
    rule: (index, { operands: [A, B], output }) =>
      index === 0
        ? `(${B} - ${A} @ ${output}) @ Zᵀ - ${A} @ Z @ ${output}ᵀ, Z = solve(${A}ᵀ @ ${A}, g)`
        : `${A} @ solve(${A}ᵀ @ ${A}, g)`,
  },
} satisfies Record<LinearAlgebraName, CustomOp<object>>;

/**
 * d(det A)/dA. Up to this size each cofactor is a determinant of its own, with its row replaced by a unit vector,
 * which is right for singular matrices too and can be differentiated again. Beyond it, det(A) A⁻ᵀ, which fails for
 * a singular matrix; `of` lets the error say why.
 */
const LARGEST_BY_MINORS = 10;

function cofactors(A: Node, determinant: Node, b: Builder): Node {
  const n = A.shape.at(-1)!;
  const rank = A.shape.length;
  const size = constantValue(n);
  if (size === undefined || size > LARGEST_BY_MINORS) {
    const eye = b.toFloat(b.equal(b.iota([n, n], 0), b.iota([n, n], 1)));
    const inverse = b.apply('solve', [transposed(A, b), b.broadcastTo(eye, A.shape)], { of: 'det' });
    return b.mul(b.spread(determinant, A, lastTwo(A)), inverse);
  }
  // [..., i, j, row, column]: A with row i replaced by the j-th unit vector.
  const square = [n, n, n, n];
  const unit = b.toFloat(b.equal(b.iota(square, 3), b.iota(square, 1)));
  const replaced = b.equal(b.iota(square, 2), b.iota(square, 0));
  const copies = b.broadcast(A, [...A.shape.slice(0, -2), ...square], [rank - 2, rank - 1]);
  return b.apply('det', [b.where(replaced, unit, copies)]);
}

function solve(A: Node, B: Node, b: Builder): Node {
  return b.apply('solve', [A, B]);
}

/** Aᵀ A */
function gram(A: Node, b: Builder): Node {
  return multiply(transposed(A, b), A, b);
}

function transposed(x: Node, b: Builder): Node {
  const last = x.shape.length - 1;
  return b.transpose(
    x,
    x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis)),
  );
}

/** Matrix product of two stacks of the same batch axes. */
function multiply(x: Node, y: Node, b: Builder): Node {
  const batch = 'abcdefgh'.slice(0, x.shape.length - 2);
  return b.contract(x, y, `${batch}ij`, `${batch}jk`, `${batch}ik`);
}

function lastTwo(x: Node): number[] {
  return [x.shape.length - 2, x.shape.length - 1];
}

function requireSquare(A: TensorType, what: string, inference: Inference): void {
  requireDType(A, ['float'], what);
  if (A.shape.length < 2) throw new OpError('rank', `${what} takes a matrix, not ${printShape(A.shape)}`);
  inference.requireEqual(
    A.shape.at(-2)!,
    A.shape.at(-1)!,
    `${what} takes a square matrix, not ${printShape(A.shape)}`,
  );
}

function requireStack(A: TensorType, B: TensorType, what: string, inference: Inference): void {
  requireDType(B, ['float'], what);
  const both = `${what}(${printShape(A.shape)}, ${printShape(B.shape)})`;
  if (A.shape.length !== B.shape.length) throw new OpError('rank', `${both}: ranks differ`);
  A.shape.slice(0, -2).forEach((dim, axis) => {
    inference.requireEqual(dim, B.shape[axis]!, both);
  });
}
