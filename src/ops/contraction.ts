import type { Dim } from '../graph/dimension';
import { printShape } from '../graph/shape';
import { describeContraction, signOfContraction } from './contractionWords';
import { type Inference, type MultilinearOp, OpError, type TensorType } from './definition';
import { known, requireDType, sameDType } from './infer';

export type ContractionName = 'contract';

/** Labels of the axes of both operands and of the result, one letter an axis. */
export interface ContractAttributes {
  readonly left: string;
  readonly right: string;
  readonly out: string;
}

/**
 * Sums of products over shared labels. A label in one operand only is in the result, so that the adjoints are
 * contractions again: from out = a·b over the labels follows ct·b for a and ct·a for b.
 */
export const contractionOps = {
  contract: {
    kind: 'multilinear',
    infer: ([a, b], attributes: ContractAttributes, inference: Inference) => {
      const sign = signOfContraction(attributes);
      requireDType(a!, ['float', 'int'], sign);
      const dtype = sameDType([a!, b!], sign);
      checkLabels(a!, b!, attributes);
      const sizes = new Map<string, Dim>();
      [...attributes.left].forEach((label, axis) => {
        sizes.set(label, a!.shape[axis]!);
      });
      [...attributes.right].forEach((label, axis) => {
        const right = b!.shape[axis]!;
        const left = sizes.get(label);
        if (left)
          inference.requireEqual(left, right, `${printShape(a!.shape)} ${sign} ${printShape(b!.shape)}`);
        sizes.set(label, left ? known(left, right) : right);
      });
      return { dtype, shape: [...attributes.out].map(label => sizes.get(label)!) };
    },
    adjoint: (ct, [a, b], index, builder, { left, right, out }: ContractAttributes) =>
      index === 0
        ? builder.contract(ct, b!, out, right, left)
        : // Written a first where that makes a matrix product, as in xᵀ @ g.
          builder.contract(a!, ct, left, out, right),
    rule: (index, { operands: [a, b] }, { left, right, out }: ContractAttributes) =>
      index === 0
        ? describeContraction({ left: out, right, out: left }, 'g', b!)
        : describeContraction({ left, right: out, out: right }, a!, 'g'),
    sign: signOfContraction,
  },
} satisfies Record<ContractionName, MultilinearOp<object>>;

/** Labels come from our own code, so that these are mistakes of the program, except for ranks. */
function checkLabels(a: TensorType, b: TensorType, { left, right, out }: ContractAttributes): void {
  if (left.length !== a.shape.length || right.length !== b.shape.length) {
    throw new OpError(
      'rank',
      `${printShape(a.shape)} and ${printShape(b.shape)} do not fit ${left}, ${right}`,
    );
  }
  for (const labels of [left, right, out]) {
    if (new Set(labels).size !== labels.length) throw new Error(`a label repeats in ${labels}`);
  }
  for (const label of out) {
    if (!left.includes(label) && !right.includes(label)) throw new Error(`${label} is in no operand`);
  }
  for (const label of left + right) {
    const shared = left.includes(label) && right.includes(label);
    if (!shared && !out.includes(label)) throw new Error(`${label} is in one operand only and not in ${out}`);
  }
}
