import type { Affine } from '../affine';
import type { Expression, LoopKernel } from '../javascript/expression';

/** An element of an array: one that a kernel reads or writes when all its counters are 0. */
export interface Origin {
  readonly array: string;
  readonly element: number;
  readonly width: number;
}

/** What kernels share that differ in nothing but where their operands lie. */
export interface Form {
  readonly key: string;
  /** The places in which such kernels differ, in an order that the key fixes. */
  readonly origins: readonly Origin[];
}

/** Undefined for a kernel that walks an operand backwards: its places are not at or after its origins. */
export function formOf({ extents, kept, core, result, store }: LoopKernel, whole: boolean): Form | undefined {
  const origins: Origin[] = [];
  const slots = new Map<string, number>();
  const lines: string[] = [];
  const numbers = new Map<Expression, number>();
  let backwards = false;

  const access = ({ array, dtype, at }: LoopKernel['store']): string => {
    const place = `${array} ${at.base}`;
    let slot = slots.get(place);
    if (slot === undefined) {
      slots.set(place, (slot = origins.length));
      origins.push({ array, element: at.base, width: dtype === 'bool' ? 1 : 4 });
    }
    backwards ||= at.terms.some(term => term < 0);
    return `${slot} ${dtype} ${termsOf(at)}`;
  };
  const number = (expression: Expression): number => {
    let known = numbers.get(expression);
    if (known === undefined) {
      const line = text(expression);
      numbers.set(expression, (known = numbers.size));
      lines.push(line);
    }
    return known;
  };
  const text = (expression: Expression): string => {
    switch (expression.kind) {
      case 'literal':
        return `${expression.dtype} ${Object.is(expression.value, -0) ? '-0' : expression.value}`;
      case 'load':
        return `load ${access(expression)}`;
      case 'index':
        return `index ${expression.at.base} ${termsOf(expression.at)}`;
      case 'core':
        return 'core';
      case 'scalar': {
        const { op, dtype, attributes } = expression.value;
        // The labels of a contraction say nothing of its product.
        const more = op === 'contract' ? '' : JSON.stringify(attributes);
        return `${op} ${dtype} ${more} ${expression.operands.map(number)}`;
      }
    }
  };
  if (core) lines.push(`${core.value.op} ${core.value.dtype} of ${number(core.body)}`);
  lines.push(`${number(result)} into ${access(store)}`);
  return backwards ? undefined : { key: `${whole} ${kept} ${extents}\n${lines.join('\n')}`, origins };
}

function termsOf({ terms }: Affine): string {
  return terms.join(',');
}
