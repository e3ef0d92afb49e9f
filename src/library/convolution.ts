import { compareDims, constantDim, constantValue, type Dim, exactQuotient } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import type { Call, Implementation } from './call';
import { channelsOf, requireFit, requireForm, type Sliding, slide } from './windows';

/** Labels of the places of a window and of the places inside it, one an axis. */
const PLACES = ['', 't', 'hw'];
const INSIDE = ['', 'u', 'uv'];
const FORMS = ['', 'sequences [N, C, T]', 'images [N, C, H, W]'];

/**
 * Cross-correlation, as in PyTorch: y[n, o, p] = sum over c, u of W[o, c, u] x[n, c, p * stride + u * dilation], for
 * x `[N, C, ...]` and W `[O, C / groups, ...]`. With groups, the channels and the filters fall into as many parts,
 * each with its own.
 */
function convolve(b: Builder, x: Node, weights: Node, groups: number, sliding: Sliding): Node {
  const axes = sliding.kernel.length;
  const [places, inside] = [PLACES[axes]!, INSIDE[axes]!];
  if (groups === 1) {
    return b.contract(slide(b, x, sliding), weights, `nc${places}${inside}`, `oc${inside}`, `no${places}`);
  }
  const count = constantDim(groups);
  const [filters, channels, ...field] = weights.shape;
  const [images, , ...sizes] = x.shape;
  const parts = b.reshape(x, [images!, count, channels!, ...sizes]);
  const own = b.reshape(weights, [count, exactQuotient(filters!, count)!, channels!, ...field]);
  const windows = slide(b, parts, sliding);
  const y = b.contract(windows, own, `ngc${places}${inside}`, `goc${inside}`, `ngo${places}`);
  return b.reshape(y, [images!, filters!, ...y.shape.slice(3)]);
}

/** One number a channel, added everywhere. */
function addBias(b: Builder, y: Node, bias: Node): Node {
  const axes = y.shape.map((_, axis) => axis).filter(axis => axis !== 1);
  return b.add(y, b.broadcast(b.toFloat(bias), y.shape, axes));
}

function readSliding(call: Call, kernel: readonly number[]): Sliding {
  const axes = kernel.length;
  return {
    kernel,
    stride: call.wholes('stride', axes, 1),
    padding: call.wholes('padding', axes, 0),
    dilation: call.wholes('dilation', axes, 1),
  };
}

/** Fails at `groups` when `count` does not fall into so many parts; otherwise the size of a part. */
function part(call: Call, count: Dim, groups: number, what: string): Dim {
  const size = exactQuotient(count, constantDim(groups));
  return (
    size ?? call.fail('shape-mismatch', `${count.key} ${what} do not divide by groups = ${groups}`, 'groups')
  );
}

/** `conv1d` and `conv2d`: the kernel is an argument. */
function convolution(axes: number): Implementation {
  return call => {
    const { b } = call;
    const x = b.toFloat(call.node('x'));
    const weights = b.toFloat(call.node('W'));
    requireForm(call, x, [axes + 2], FORMS[axes]!);
    if (weights.shape.length !== axes + 2) {
      const form = `[O, I${axes === 1 ? ', k' : ', kh, kw'}]`;
      call.fail('rank', `the kernel of ${call.name} is ${form}; ${call.describe('W')}`, 'W');
    }
    const groups = call.wholes('groups', 1, 1)[0]!;
    const [filters, inputs, ...field] = weights.shape as [Dim, Dim, ...Dim[]];
    part(call, filters, groups, 'filters');
    const channels = part(call, channelsOf(x), groups, 'channels');
    if (compareDims(channels, inputs) === 'different') {
      const share = groups === 1 ? '' : `, ${channels.key} for each of ${groups} groups`;
      call.fail(
        'shape-mismatch',
        `x has ${channelsOf(x).key} channels${share}, and the kernel takes ${inputs.key}: ` +
          `${call.describe('x')}, ${call.describe('W')}`,
        'W',
      );
    }
    const kernel = field.map(size => {
      const known = constantValue(size);
      return (
        known ?? call.fail('shape-unknown', `the kernel's size is not known: ${call.describe('W')}`, 'W')
      );
    });
    if (kernel.includes(0)) call.fail('shape-mismatch', `the kernel is empty; ${call.describe('W')}`, 'W');
    const sliding = readSliding(call, kernel);
    requireFit(call, x, sliding, 'W');
    const y = convolve(b, x, weights, groups, sliding);
    const bias = call.optionalNode('b');
    if (!bias) return y;
    if (bias.shape.length !== 1 || compareDims(bias.shape[0]!, filters) === 'different') {
      call.fail(
        'shape-mismatch',
        `one bias a filter is needed, [${filters.key}]; ${call.describe('b')}`,
        'b',
      );
    }
    return addBias(b, y, bias);
  };
}

/** act(conv2d(x, W, b)), with W : [filters, C / groups, kh, kw] and b : [filters] of its own. */
function conv(call: Call): Node {
  const { b } = call;
  const x = b.toFloat(call.node('x'));
  requireForm(call, x, [4], FORMS[2]!);
  const filters = call.size('filters');
  const groups = call.wholes('groups', 1, 1)[0]!;
  part(call, filters, groups, 'filters');
  const channels = part(call, channelsOf(x), groups, 'channels');
  const sliding = readSliding(call, call.wholes('kernel', 2, 1));
  requireFit(call, x, sliding, 'kernel');
  const shape = [filters, channels, ...sliding.kernel.map(constantDim)];
  const weights = call.parameter('W', shape, { kind: 'xavier' });
  let y = convolve(b, x, weights, groups, sliding);
  if (call.flag('bias')) y = addBias(b, y, call.parameter('b', [filters], { kind: 'constant', value: 0 }));
  return call.applyFunction('act', y);
}

export const convolutions: Readonly<Record<string, Implementation>> = {
  conv1d: convolution(1),
  conv2d: convolution(2),
};

export const convolutionLayers: Readonly<Record<string, Implementation>> = { conv };
