import type { OnnxGraph, OnnxNode } from '../model';
import { Editing } from './editing';
import { type OnnxSlice, sliceOf } from './shapes';

/** Several slices of one tensor along one axis, none overlapping another, are the outputs of one node. */
export function splits(graph: OnnxGraph): OnnxGraph {
  const editing = new Editing(graph);
  const slices = new Map<string, (OnnxSlice & { readonly node: OnnxNode })[]>();
  // A first look for shapes.
  const shapes = new Editing(graph);
  for (const node of graph.nodes) {
    shapes.keep(node);
    const slice = sliceOf(node, shapes);
    if (!slice) continue;
    const key = `${slice.axis} ${node.inputs[0]}`;
    slices.set(key, [...(slices.get(key) ?? []), { ...slice, node }]);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(name => editing.now(name));
    const slice = sliceOf(node, shapes);
    const all = slice && slices.get(`${slice.axis} ${node.inputs[0]}`)!;
    const cuts = all && cutsOf(all, shapes.shape(node.inputs[0]!)![slice.axis]!);
    if (!cuts) {
      editing.keep({ ...node, inputs });
      continue;
    }
    const sizes = cuts.slice(1).map((cut, i) => cut - cuts[i]!);
    const outputs = editing.addMany(sizes.length, 'Split', [inputs[0]!, editing.constantInts(sizes)], {
      axis: slice.axis,
    });
    editing.rename(node.outputs, [outputs[cuts.indexOf(slice.start)]!]);
  }
  return editing.finish();
}

/** Where the axis is to be cut, both ends included; undefined where slices overlap or leave more than they take. */
function cutsOf(slices: readonly OnnxSlice[], size: number): number[] | undefined {
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
