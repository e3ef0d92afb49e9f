import type { OnnxGraph, OnnxNode } from '../model';
import { Editing, type Rule } from './editing';
import { sliceOf } from './shapes';

/**
 * Columns of a product are a product with these columns, where nobody reads others or all of them: so a turn waits for
 * its own part of the gradient alone.
 */
export function columnsOfProduct(graph: OnnxGraph): Rule {
  const sliced = slicedWidths(graph);
  return (node, e) => {
    const slice = sliceOf(node, e);
    const product = slice && e.producer(node.inputs[0]!);
    if (slice?.axis !== 1 || product?.op !== 'Gemm' || product.inputs.length > 2) return undefined;
    const [name] = product.outputs as readonly [string];
    if (sliced.get(name) !== e.shape(name)?.[1] && !e.readOnce(name)) return undefined;
    const [left, right] = product.inputs as readonly [string, string];
    const columns = e.slice(right, product.attributes.transB ? 0 : 1, slice.start, slice.end);
    return [e.add('Gemm', [left, columns], product.attributes)];
  };
}

/** How many columns of tensors are read in all, where slices of columns alone read them. */
function slicedWidths(graph: OnnxGraph): ReadonlyMap<string, number> {
  const known = new Editing(graph);
  const widths = new Map<string, number>();
  for (const { name } of graph.outputs) widths.set(name, Number.NaN);
  for (const node of graph.nodes) {
    known.keep(node);
    const slice = sliceOf(node, known);
    node.inputs.forEach((name, i) => {
      const width = i === 0 && slice?.axis === 1 ? slice.end - slice.start : Number.NaN;
      widths.set(name, (widths.get(name) ?? 0) + width);
    });
  }
  return widths;
}

/**
 * What a turn of a loop multiplies by weights that other turns multiply by too, partly what the turn before has
 * computed and partly what is known from the start: [h, x] W = h Wh + x Wx. The second part can then be computed for
 * all turns at once.
 */
export function splitProducts(shared: readonly string[]): Rule {
  const tracked = new Set(shared);
  return ({ op, inputs, attributes }, e) => {
    if (op !== 'Gemm' || attributes.transA || attributes.transB || isScaled(attributes)) return undefined;
    const [left, weights] = inputs as readonly [string, string];
    const bias = inputs[2] || undefined;
    const joined = e.producer(left);
    if (!tracked.has(weights) || joined?.op !== 'Concat' || joined.attributes.axis !== 1) return undefined;
    let offset = 0;
    const parts: Part[] = [];
    for (const name of joined.inputs) {
      const size = e.shape(name)?.[1];
      if (size === undefined) return undefined;
      parts.push({ name, offset, size });
      offset += size;
    }
    const early = parts.filter(({ name }) => !e.restsOn(name, weights));
    if (early.length === 0) return undefined;
    let sum = bias;
    const late = parts.filter(part => !early.includes(part));
    for (const part of [...early.filter(({ name }) => !e.isZero(name)), ...late]) {
      sum = multiplied(part, weights, sum, e);
    }
    return sum === undefined || sum === bias ? undefined : [sum];
  };
}

/** What at least so many products have as their second operand. */
export function sharedWeights(graph: OnnxGraph, least: number): readonly string[] {
  const users = productsBy(graph, () => true);
  return [...users].filter(([, count]) => count >= least).map(([weights]) => weights);
}

/** How many products each matrix is the second operand of. */
function productsBy(
  { nodes }: OnnxGraph,
  counts: (attributes: OnnxNode['attributes']) => boolean,
): ReadonlyMap<string, number> {
  const users = new Map<string, number>();
  for (const { op, inputs, attributes } of nodes) {
    if (op === 'Gemm' && counts(attributes)) users.set(inputs[1]!, (users.get(inputs[1]!) ?? 0) + 1);
  }
  return users;
}

function isScaled(attributes: OnnxNode['attributes']): boolean {
  return 'alpha' in attributes || 'beta' in attributes;
}

interface Part {
  readonly name: string;
  /** Of its rows in the weights. */
  readonly offset: number;
  readonly size: number;
}

function multiplied(
  { name, offset, size }: Part,
  weights: string,
  sum: string | undefined,
  e: Editing,
): string {
  const own = e.slice(weights, 0, offset, offset + size);
  return e.add('Gemm', sum === undefined ? [name, own] : [name, own, sum], { transA: 0, transB: 0 });
}

/** Weights that many turns multiply by the other way round are turned round once. */
export function uprightWeights(graph: OnnxGraph, least: number): Rule {
  const users = productsBy(graph, ({ transB }) => Boolean(transB));
  return ({ op, inputs, attributes }, e) => {
    if (op !== 'Gemm' || !attributes.transB || (users.get(inputs[1]!) ?? 0) < least) return undefined;
    const [left, weights, ...bias] = inputs as readonly [string, string, ...string[]];
    const upright = e.add('Transpose', [weights], { perm: [1, 0] });
    return [e.add('Gemm', [left, upright, ...bias], { ...attributes, transB: 0 })];
  };
}

/** (a b) c is a (b c) where b and c are known before a, so that b c can be computed for all turns at once. */
export const earlyFactors: Rule = ({ op, inputs }, e) => {
  if (op !== 'Mul') return undefined;
  for (const [product, factor] of [inputs, [...inputs].reverse()] as [string, string][]) {
    const inner = e.producer(product);
    if (inner?.op !== 'Mul' || !e.readOnce(product)) continue;
    const [first, second] = inner.inputs as readonly [string, string];
    const [late, early] = e.depth(first) > e.depth(second) ? [first, second] : [second, first];
    if (e.depth(late) <= e.depth(factor) || e.depth(late) === e.depth(early)) continue;
    const shapes = [late, early, factor].map(name => e.shape(name)?.join());
    if (shapes.some(shape => shape === undefined || shape !== shapes[0])) continue;
    return [e.add('Mul', [late, e.add('Mul', [early, factor])])];
  }
  return undefined;
};

/** [a q, b r] is [a, b] [q, r], element by element: one product a turn where q and r are known before a and b. */
export const joinedFactors: Rule = ({ op, inputs, attributes }, e) => {
  if (op !== 'Concat') return undefined;
  const [late, early]: [string[], string[]] = [[], []];
  for (const name of inputs) {
    const product = e.producer(name);
    if (product?.op !== 'Mul' || !e.readOnce(name)) return undefined;
    const [a, b] = product.inputs as readonly [string, string];
    const [last, first] = e.depth(a) > e.depth(b) ? [a, b] : [b, a];
    const whole = e.shape(name)?.join();
    if (e.depth(last) === e.depth(first) || [a, b].some(each => e.shape(each)?.join() !== whole)) {
      return undefined;
    }
    late.push(last);
    early.push(first);
  }
  const axis = attributes.axis as number;
  if (Math.min(...late.map(name => e.depth(name))) <= Math.max(...early.map(name => e.depth(name)))) {
    return undefined;
  }
  return [e.add('Mul', [e.concat(late, axis), e.concat(early, axis)])];
};

/**
 * Products that are only added up, such as the gradient of weights by every turn, are one product over all their rows:
 * sum of a'b is [a; ..]'[b; ..]. So are sums over rows, which are products with ones.
 */
export function sumsOfProducts(least: number): Rule {
  return ({ op, inputs }, e) => {
    if (op !== 'Sum' || inputs.length < least) return undefined;
    const groups = new Map<string, string[]>();
    const rest: string[] = [];
    for (const name of inputs) {
      const kind = e.readOnce(name) ? kindOf(name, e) : undefined;
      const group = groups.get(kind ?? '');
      if (kind === undefined) rest.push(name);
      else if (group) group.push(name);
      else groups.set(kind, [name]);
    }
    const terms: string[] = [...rest];
    let joined = false;
    for (const group of groups.values()) {
      if (group.length < least) terms.push(...group);
      else {
        terms.push(overAllRows(group, e));
        joined = true;
      }
    }
    if (!joined) return undefined;
    return [terms.length === 1 ? terms[0]! : e.add('Sum', terms)];
  };
}

/** Of terms that can be joined, alike for those that can be joined with each other. */
function kindOf(name: string, e: Editing): string | undefined {
  const node = e.producer(name);
  if (!node) return undefined;
  const { op, inputs, attributes } = node;
  const shapes = inputs.map(input => e.shape(input)?.join());
  if (shapes.includes(undefined)) return undefined;
  if (op === 'Gemm' && attributes.transA && !attributes.transB && inputs.length === 2) {
    return isScaled(attributes) ? undefined : shapes.join(' ');
  }
  const ones = op === 'MatMul' && e.shape(inputs[0]!)!.length === 1 ? e.floats(inputs[0]!) : undefined;
  return ones?.every(x => x === ones[0]) ? `${ones[0]} ${shapes.join(' ')}` : undefined;
}

function overAllRows(names: readonly string[], e: Editing): string {
  const depthOf = ({ inputs }: OnnxNode): number => e.depth(inputs[0]!);
  // In the order of the turns, in which what they multiply may lie already.
  const nodes = names.map(name => e.producer(name)!).sort((a, b) => depthOf(a) - depthOf(b));
  const { op, inputs, attributes } = nodes[0]!;
  const right = e.concat(
    nodes.map(node => node.inputs[1]!),
    0,
  );
  if (op === 'Gemm') {
    const left = e.concat(
      nodes.map(node => node.inputs[0]!),
      0,
    );
    return e.add('Gemm', [left, right], attributes);
  }
  const rows = e.shape(right)![0]!;
  const ones = new Array<number>(rows).fill(e.floats(inputs[0]!)![0]!);
  return e.add('MatMul', [e.constantFloats([rows], ones), right]);
}
