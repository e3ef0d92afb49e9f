import type { ContractAttributes } from './contraction';

/** The labels of a contraction by their part in it. */
interface Roles {
  /** In both operands and the result: a stack of products. */
  readonly batch: string;
  /** In both operands only: summed over. */
  readonly summed: string;
  readonly leftFree: string;
  readonly rightFree: string;
}

function rolesOf({ left, right, out }: ContractAttributes): Roles {
  const pick = (labels: string, keep: (label: string) => boolean): string =>
    [...labels].filter(keep).join('');
  return {
    batch: pick(out, l => left.includes(l) && right.includes(l)),
    summed: pick(left, l => right.includes(l) && !out.includes(l)),
    leftFree: pick(out, l => !right.includes(l)),
    rightFree: pick(out, l => !left.includes(l)),
  };
}

/** `@` for a product of matrices or vectors that needs no transposition, else `dot`, `outer` or `contract`. */
export function signOfContraction(attributes: ContractAttributes): string {
  const { left, right, out } = attributes;
  const { batch, summed, leftFree, rightFree } = rolesOf(attributes);
  const simple = leftFree.length <= 1 && rightFree.length <= 1;
  if (simple && batch === '' && summed === '' && out === leftFree + rightFree && out.length === 2)
    return 'outer';
  if (simple && out === '' && left === right && summed.length === 1) return 'dot';
  const plain =
    left === batch + leftFree + summed &&
    right === batch + summed + rightFree &&
    out === batch + leftFree + rightFree;
  return simple && plain && summed.length === 1 ? '@' : 'contract';
}

/** In matrix words where it is a matrix product: `g @ Wᵀ`; else as a sum with indices: `sum over o of g[no] W[io]`. */
export function describeContraction(attributes: ContractAttributes, a: string, b: string): string {
  const { left, right, out } = attributes;
  const { batch, summed, leftFree, rightFree } = rolesOf(attributes);
  const stacked = [left, right, out].every(labels => labels.startsWith(batch));
  if (stacked && summed.length === 1 && leftFree.length <= 1 && rightFree.length <= 1) {
    if (out === '') return `dot(${a}, ${b})`;
    const rows = batch + leftFree + summed;
    const columns = batch + summed + rightFree;
    if (out === batch + leftFree + rightFree) {
      return `${transposed(a, left !== rows)} @ ${transposed(b, right !== columns)}`;
    }
    // The result the other way round: (A B)ᵀ = Bᵀ Aᵀ.
    return `${transposed(b, right === columns)} @ ${transposed(a, left === rows)}`;
  }
  if (summed === '' && batch === '') {
    if (leftFree.length === 1 && rightFree.length === 1) {
      return out === leftFree + rightFree ? `outer(${a}, ${b})` : `outer(${b}, ${a})`;
    }
    if (leftFree === '' || rightFree === '') return `${a} · ${b}`;
  }
  const terms = `${indexed(a, left)} ${indexed(b, right)}`;
  return summed === '' ? terms : `sum over ${[...summed].join(', ')} of ${terms}`;
}

function transposed(name: string, yes: boolean): string {
  return yes ? `${name}ᵀ` : name;
}

function indexed(name: string, labels: string): string {
  return labels === '' ? name : `${name}[${[...labels].join(', ')}]`;
}
