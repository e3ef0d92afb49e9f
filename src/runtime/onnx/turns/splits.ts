import type { OnnxGraph, OnnxNode } from '../model';
import { Editing } from './editing';
import { type OnnxSlice, sliceOf } from './shapes';

/** Several slices of one tensor along one axis, none overlapping another, are the outputs of one node. */
export function splits(graph: OnnxGraph): OnnxGraph {
  const editing = new Editing(graph);
  const cuts = cutsOf(graph);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(name => editing.now(name));
    const slice = sliceOf({ ...node, inputs }, editing);
    const own = slice && cuts.get(keyOf(node, slice));
    if (!own) {
      editing.keep({ ...node, inputs });
      continue;
    }
    const sizes = own.slice(1).map((cut, i) => cut - own[i]!);
    const outputs = editing.addMany(sizes.length, 'Split', [inputs[0]!, editing.constantInts(sizes)], {
      axis: slice.axis,
    });
    editing.rename(node.outputs, [outputs[own.indexOf(slice.start)]!]);
  }
  return editing.finish();
}

function keyOf({ inputs }: OnnxNode, { axis }: OnnxSlice): string {
  return `${axis} ${inputs[0]}`;
}

/** Where axes are to be cut, both ends included, by tensor and axis. */
function cutsOf(graph: OnnxGraph): ReadonlyMap<string, readonly number[]> {
  const known = new Editing(graph);
  const slices = new Map<string, { readonly size: number; readonly intervals: OnnxSlice[] }>();
  for (const node of graph.nodes) {
    known.keep(node);
    const slice = sliceOf(node, known);
    if (!slice) continue;
    const key = keyOf(node, slice);
    let own = slices.get(key);
    if (!own) slices.set(key, (own = { size: known.shape(node.inputs[0]!)![slice.axis]!, intervals: [] }));
    own.intervals.push(slice);
  }
  const found = new Map<string, readonly number[]>();
  for (const [key, { size, intervals }] of slices) {
    const cuts = cutsAround(intervals, size);
    if (cuts) found.set(key, cuts);
  }
  return found;
}

/** Undefined where slices overlap or leave more pieces than they take. */
function cutsAround(slices: readonly OnnxSlice[], size: number): number[] | undefined {
  if (slices.length < 2) return undefined;
  const cuts = [0];
  for (const { start, end } of [...slices].sort((a, b) => a.start - b.start)) {
    const last = cuts.at(-1)!;
    if (start < last) return undefined;
    if (start > last) cuts.push(start);
    cuts.push(end);
  }
  if (cuts.at(-1)! < size) cuts.push(size);
  return cuts.length - 1 <= slices.length + 1 ? cuts : undefined;
}
