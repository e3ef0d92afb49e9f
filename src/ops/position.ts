import type { Dim } from '../graph/dimension';
import type { ConstantOp } from './definition';
import { requireDType } from './infer';

export type PositionName = 'position';

/** `wrap` counts negative numbers from the end; `what` names a number in messages: `index`, `class`. */
export interface PositionAttributes {
  readonly size: Dim;
  readonly wrap: boolean;
  readonly what: string;
}

/** Numbers that must be whole and lie in an axis of the given size, as ints; others fail at run time. */
export const positionOps = {
  position: {
    kind: 'nondifferentiable',
    infer: ([x], { what }: PositionAttributes) => {
      requireDType(x!, ['int', 'float'], what);
      return { dtype: 'int', shape: x!.shape };
    },
  },
} satisfies Record<PositionName, ConstantOp<object>>;
