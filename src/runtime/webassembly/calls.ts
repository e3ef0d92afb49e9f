import type { AxisAttributes } from '../../ops/linear';
import { around } from '../javascript/whole';
import type { Value } from '../value';
import { i32Constant } from './instructions';
import type { LibraryCall } from './lanes';
import { I32 } from './module';
import type { FunctionBody } from './nest';

/** The byte where a value lies; undefined for one outside the memory. */
export type StartOf = (value: Value) => number | undefined;

/** An op that is one call of the library, on whole buffers; undefined for any other. */
export function callOf(root: Value, startOf: StartOf, library: LibraryCall): FunctionBody | undefined {
  const call = whatToCall(root);
  const places = [...root.inputs, root].map(startOf);
  if (!call || places.includes(undefined)) return undefined;
  const numbers = [...(places as number[]), ...call.numbers];
  const code = library(
    call.name,
    numbers.map(() => I32),
    call.checks ? [I32] : [],
  );
  if (!code) return undefined;
  // Such a function gives -1 where every position is in its axis.
  const outcome = call.checks ? [...i32Constant(-1), I32_NE] : [];
  return { locals: [], code: [...numbers.map(i32Constant), code, outcome], givesUp: call.checks };
}

const I32_NE = 0x47;

interface Call {
  readonly name: string;
  /** What follows the addresses of the operands and the result. */
  readonly numbers: readonly number[];
  /** Whether it looks at positions before it does anything. */
  readonly checks: boolean;
}

function whatToCall(root: Value): Call | undefined {
  const { op, inputs, dtype } = root;
  const { axis, reverse } = root.attributes as AxisAttributes & { readonly reverse?: boolean };
  const [x, positions] = inputs;
  // Sizes of 0 leave nothing to do, and the library counts on something.
  if (root.count === 0 || inputs.some(({ count }) => count === 0)) return undefined;
  switch (op) {
    case 'argmax':
    case 'argmin': {
      if (x!.dtype === 'bool') return undefined;
      const { outer, size, inner } = around(x!.shape, axis);
      return { name: `${op}_${x!.dtype}`, numbers: [outer, size, inner], checks: false };
    }
    case 'gather': {
      const { outer, size, inner } = around(x!.shape, axis);
      const run = inner * (dtype === 'bool' ? 1 : 4);
      return { name: op, numbers: [outer, size, positions!.count, run], checks: true };
    }
    case 'scatter_add': {
      if (dtype === 'bool' || x!.dtype !== dtype) return undefined;
      const { outer, size, inner } = around(root.shape, axis);
      return { name: `${op}_${dtype}`, numbers: [outer, size, positions!.count, inner], checks: true };
    }
    case 'cumsum':
    case 'recurrence': {
      if (dtype === 'bool' || x!.dtype !== dtype) return undefined;
      const { outer, size, inner } = around(root.shape, axis);
      const name = op === 'cumsum' ? `${op}_${dtype}` : op;
      return { name, numbers: [outer, size, inner, Number(reverse)], checks: false };
    }
    default:
      return undefined;
  }
}
