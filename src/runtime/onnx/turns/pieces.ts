import type { OnnxGraph, OnnxNode } from '../model';
import type { Editing, Rule } from './editing';
import { sliceOf } from './shapes';

/** A slice of tensors side by side that falls into one of them is a slice of that one. */
export const sliceOfConcat: Rule = (node, e) => {
  const slice = sliceOf(node, e);
  const from = slice && e.producer(node.inputs[0]!);
  if (!slice || from?.op !== 'Concat' || from.attributes.axis !== slice.axis) return undefined;
  let offset = 0;
  for (const piece of from.inputs) {
    const size = e.shape(piece)?.[slice.axis];
    if (size === undefined) return undefined;
    if (slice.start >= offset && slice.end <= offset + size) {
      return [e.slice(piece, slice.axis, slice.start - offset, slice.end - offset)];
    }
    offset += size;
  }
  return undefined;
};

/** What lies between zeros along one axis. */
interface Padded {
  readonly of: string;
  readonly axis: number;
  readonly before: number;
  /** Of the axis inside, and with the zeros. */
  readonly size: number;
  readonly whole: number;
}

function paddedBy(name: string, e: Editing): Padded | undefined {
  const node = e.producer(name);
  if (node?.op !== 'Pad' || 'mode' in node.attributes) return undefined;
  const [of, widths, ...others] = node.inputs as readonly [string, string, ...string[]];
  if (e.type(of) !== 'float' || others.some(name => name !== '')) return undefined;
  const [pads, shape] = [e.ints(widths), e.shape(of)];
  if (!pads?.every(width => width >= 0) || !shape || pads.length !== 2 * shape.length) return undefined;
  const rank = shape.length;
  const axes = shape.map((_, axis) => axis).filter(axis => pads[axis] !== 0 || pads[axis + rank] !== 0);
  if (axes.length !== 1) return undefined;
  const [axis] = axes as [number];
  const [before, after, size] = [pads[axis]!, pads[axis + rank]!, shape[axis]!];
  return { of, axis, before, size, whole: before + size + after };
}

/** A slice of a padded tensor lies inside or in the zeros. */
export const sliceOfPad: Rule = (node, e) => {
  const slice = sliceOf(node, e);
  const padded = slice && paddedBy(node.inputs[0]!, e);
  if (!slice || padded?.axis !== slice.axis) return undefined;
  const { of, axis, before, size } = padded;
  if (slice.start >= before && slice.end <= before + size) {
    return [e.slice(of, axis, slice.start - before, slice.end - before)];
  }
  if (slice.end > before && slice.start < before + size) return undefined;
  return [e.zero(e.shape(of)!.map((own, i) => (i === axis ? slice.end - slice.start : own)))];
};

/** Zeros of another shape, or added to something. */
export const withoutZeros: Rule = (node, e) => {
  const { op, inputs } = node;
  if (op === 'Reshape' && e.isZero(inputs[0]!)) {
    const shape = e.ints(inputs[1]!);
    return shape?.every(size => size > 0) ? [e.zero(shape)] : undefined;
  }
  if ((op !== 'Add' && op !== 'Sum') || !inputs.some(name => e.isZero(name))) return undefined;
  const shapes = inputs.map(name => e.shape(name)?.join());
  const terms = inputs.filter(name => !e.isZero(name));
  if (terms.length === 0 || shapes.some(shape => shape === undefined || shape !== shapes[0]))
    return undefined;
  return [terms.length === 1 ? terms[0]! : e.add('Sum', terms)];
};

/** Padded tensors that fill each other's zeros, added up, lie side by side. */
export const sumOfPads: Rule = ({ op, inputs }, e) => {
  if (op !== 'Sum' && op !== 'Add') return undefined;
  const pads = inputs.map(name => paddedBy(name, e));
  const [first] = pads;
  const shape = e.shape(inputs[0]!)?.join();
  if (inputs.some(name => e.shape(name)?.join() !== shape)) return undefined;
  if (!first || pads.some(pad => pad?.axis !== first.axis || pad.whole !== first.whole)) return undefined;
  const sorted = (pads as Padded[]).sort((a, b) => a.before - b.before);
  let end = 0;
  for (const { before, size } of sorted) {
    if (before !== end) return undefined;
    end += size;
  }
  const named = sorted.map(({ of }) => of);
  return end === first.whole ? [e.concat(named, first.axis)] : undefined;
};

/** One function of neighbouring pieces that nothing else reads is the function of all of them. */
export function functionsOfPieces(graph: OnnxGraph): Rule {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs)) {
      const own = readers.get(name);
      if (own) own.push(node);
      else readers.set(name, [node]);
    }
  }
  /** The function that alone reads a slice, when it is one of one operand. */
  const functionOf = (slice: OnnxNode): OnnxNode | undefined => {
    const own = readers.get(slice.outputs[0]!) ?? [];
    return own.length === 1 && SMOOTH.has(own[0]!.op) ? own[0] : undefined;
  };
  return (node, e) => {
    const from = SMOOTH.has(node.op) ? e.producer(node.inputs[0]!) : undefined;
    const slice = from && sliceOf(from, e);
    if (!slice) return undefined;
    if (functionOf(from)?.op !== node.op) return undefined;
    const neighbours = (readers.get(from.inputs[0]!) ?? []).filter(each => functionOf(each)?.op === node.op);
    const intervals = neighbours
      .flatMap(each => sliceOf(each, e) ?? [])
      .filter(({ axis }) => axis === slice.axis)
      .sort((a, b) => a.start - b.start);
    let [start, end] = [slice.start, slice.end];
    for (const other of intervals) if (other.start === end) end = other.end;
    for (const other of intervals.reverse()) if (other.end === start) start = other.start;
    if (start === slice.start && end === slice.end) return undefined;
    const whole = e.add(node.op, [e.slice(from.inputs[0]!, slice.axis, start, end)]);
    return [e.slice(whole, slice.axis, slice.start - start, slice.end - start)];
  };
}

const SMOOTH: ReadonlySet<string> = new Set(['Sigmoid', 'Tanh', 'Exp', 'Erf', 'Softplus']);
