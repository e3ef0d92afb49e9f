import { countOf } from '../../graph/shape';
import type { UnwindowAttributes, WindowAttributes } from '../../ops/window';
import type { OnnxEmitter } from './lowering';
import { CAST } from './tensor';

/** Windows over the last axes where no pattern makes a convolution or a pool of them. */

/** Places of the windows over one axis: `[windows, kernel]`. */
function windowPlaces(windows: number, kernel: number, stride: number, dilation: number): number[] {
  return Array.from(
    { length: windows * kernel },
    (_, i) => Math.floor(i / kernel) * stride + (i % kernel) * dilation,
  );
}

/** The order of axes from `[.., OH, kh, OW, kw]` to `[.., OH, OW, kh, kw]`. */
function windowsFirst(rank: number, windowed: number): number[] {
  const before = rank - 2 * windowed;
  const own = [...Array(windowed).keys()];
  return [...Array(before).keys(), ...own.map(i => before + 2 * i), ...own.map(i => before + 2 * i + 1)];
}

const window: OnnxEmitter = (value, l) => {
  const { kernel, stride, dilation } = value.attributes as WindowAttributes;
  const rank = value.shape.length;
  const before = rank - 2 * kernel.length;
  let name = l.emit(value.inputs[0]!);
  // From the last axis, so that the axes before it keep their numbers.
  for (let i = kernel.length - 1; i >= 0; i--) {
    const windows = value.shape[before + i]!;
    const places = windowPlaces(windows, kernel[i]!, stride[i]!, dilation[i]!);
    name = l.node('Gather', [name, l.constant('int64', [windows, kernel[i]!], places)], { axis: before + i });
  }
  return l.transpose(name, windowsFirst(rank, kernel.length));
};

/** Axis by axis, added up at the places that the windows were taken from. */
const unwindow: OnnxEmitter = (value, l) => {
  const { kernel, stride, dilation } = value.attributes as UnwindowAttributes;
  const [x] = value.inputs;
  const rank = x!.shape.length;
  const before = rank - 2 * kernel.length;
  const type = value.dtype === 'float' ? 'float' : 'int32';
  let name = x!.dtype === 'bool' ? l.node('Cast', [l.emit(x!)], { to: CAST.int }) : l.emit(x!);
  const order = windowsFirst(rank, kernel.length);
  name = l.transpose(
    name,
    order.map((_, axis) => order.indexOf(axis)),
  );
  const shape = order.map((_, axis) => x!.shape[order.indexOf(axis)]!);
  kernel.forEach((k, i) => {
    const axis = before + i;
    const [windows, size] = [shape[axis]!, value.shape[axis]!];
    const places = windowPlaces(windows, k, stride[i]!, dilation[i]!);
    const outer = countOf(shape.slice(0, axis));
    const inner = countOf(shape.slice(axis + 2));
    const line = [outer, windows * k, inner];
    const zeros = l.node('Expand', [l.constant(type, [], [0]), l.ints([outer, size, inner])]);
    const spread = l.node('Expand', [l.constant('int64', [1, windows * k, 1], places), l.ints(line)]);
    const added = l.node('ScatterElements', [zeros, spread, l.reshape(name, line)], {
      axis: 1,
      reduction: 'add',
    });
    shape.splice(axis, 2, size);
    name = l.reshape(added, shape);
  });
  return name;
};

export const windows = { window, unwindow } satisfies Record<string, OnnxEmitter>;
