import type { Lowering } from '../lowering';
import type { Sliding } from './sliding';

/**
 * Adds up windows where they overlap: `part(u, v)` is what all windows hold at place (u, v), `[N, C, OH, OW]`. Places
 * that lie a whole number of strides apart are shifts of each other; the sums of these are interleaved at the end.
 */
export function overlapAdd(sliding: Sliding, l: Lowering, part: (u: number, v: number) => string): string {
  const { kernel, stride, dilation, places, size, before, after } = sliding;
  const whole = size.map((n, i) => n + before[i]! + after[i]!);
  const length = whole.map((n, i) => Math.ceil(n / stride[i]!));
  const sums = new Map<number, string>();
  for (let u = 0; u < kernel[0]; u++) {
    for (let v = 0; v < kernel[1]; v++) {
      const at = [u * dilation[0], v * dilation[1]];
      const phase = at.map((p, i) => p % stride[i]!);
      const shift = at.map((p, i) => (p - phase[i]!) / stride[i]!);
      const rest = shift.map((s, i) => length[i]! - s - places[i]!);
      const pads = [0, 0, ...shift, 0, 0, ...rest];
      const own = part(u, v);
      const shifted = pads.every(p => p === 0) ? own : l.node('Pad', [own, l.ints(pads)]);
      const key = phase[0]! * stride[1] + phase[1]!;
      const sum = sums.get(key);
      sums.set(key, sum === undefined ? shifted : l.node('Add', [sum, shifted]));
    }
  }
  const joined = interleaved(sums, sliding, length, l);
  const wanted = [...before, ...before.map((p, i) => p + size[i]!)];
  const exact = length.every((n, i) => n * stride[i]! === size[i]) && before.every(p => p === 0);
  if (exact) return joined;
  return l.node('Slice', [joined, l.ints(wanted.slice(0, 2)), l.ints(wanted.slice(2)), l.ints([2, 3])]);
}

/** `[N, C, length * stride]` from one tensor for each remainder by the strides; a missing one is 0. */
function interleaved(
  sums: ReadonlyMap<number, string>,
  { stride }: Sliding,
  length: readonly number[],
  l: Lowering,
): string {
  const [rows, columns] = stride;
  const [height, width] = length as [number, number];
  const some = sums.values().next().value!;
  const phases = Array.from(
    { length: rows * columns },
    (_, key) => sums.get(key) ?? l.node('Where', [l.constant('bool', [], [0]), some, l.scalar(0)]),
  );
  if (phases.length === 1) return phases[0]!;
  const lines = Array.from({ length: rows }, (_, row) => {
    const own = phases.slice(row * columns, (row + 1) * columns);
    const last = own.map(name => l.node('Unsqueeze', [name, l.ints([4])]));
    const line = columns === 1 ? last[0]! : l.node('Concat', last, { axis: 4 });
    return l.node('Reshape', [line, l.ints([0, 0, height, 1, width * columns])]);
  });
  const all = rows === 1 ? lines[0]! : l.node('Concat', lines, { axis: 3 });
  return l.node('Reshape', [all, l.ints([0, 0, height * rows, width * columns])]);
}
