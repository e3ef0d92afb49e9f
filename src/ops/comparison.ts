import type { ConstantOp } from './definition';
import { commonShape, requireDType, sameDType } from './infer';

export type ComparisonName =
  | 'equal'
  | 'not_equal'
  | 'less'
  | 'less_equal'
  | 'greater'
  | 'greater_equal'
  | 'and'
  | 'or'
  | 'not'
  | 'isnan';

type Comparison = ConstantOp<object>;

/** Results are 0 or 1, which is how bools are stored. */
const compare = (operator: string, sign: string): Comparison => ({
  kind: 'nondifferentiable',
  infer: (inputs, _, inference) => {
    sameDType(inputs, sign);
    return { dtype: 'bool', shape: commonShape(inputs, inference, sign) };
  },
  scalar: ([a, b]) => `(${a} ${operator} ${b} ? 1 : 0)`,
  sign: () => sign,
});

const logic = (operator: string, sign: string): Comparison => ({
  kind: 'nondifferentiable',
  infer: (inputs, _, inference) => {
    for (const input of inputs) requireDType(input, ['bool'], sign);
    return { dtype: 'bool', shape: commonShape(inputs, inference, sign) };
  },
  scalar: ([a, b]) => `(${a} ${operator} ${b})`,
  sign: () => sign,
});

export const comparisonOps = {
  equal: compare('===', '=='),
  not_equal: compare('!==', '!='),
  less: compare('<', '<'),
  less_equal: compare('<=', '<='),
  greater: compare('>', '>'),
  greater_equal: compare('>=', '>='),
  and: logic('&', 'and'),
  or: logic('|', 'or'),
  not: {
    kind: 'nondifferentiable',
    infer: ([x]) => {
      requireDType(x!, ['bool'], 'not');
      return { dtype: 'bool', shape: x!.shape };
    },
    scalar: ([x]) => `(1 - ${x})`,
  },
  isnan: {
    kind: 'nondifferentiable',
    infer: ([x]) => ({ dtype: 'bool', shape: x!.shape }),
    // NaN is the only number that differs from itself.
    scalar: ([x]) => `(${x} !== ${x} ? 1 : 0)`,
  },
} satisfies Record<ComparisonName, Comparison>;
