import type { Span } from '../../base/span';
import type { Node } from '../../graph/node';
import { equalShapes, knownShape, printShape } from '../../graph/shape';
import type { Shape } from '../../graph/types';
import { modelError } from '../diagnostic';
import type { ModelBuffer, ModelParameter } from '../model';
import type { Context } from './context';

interface Declaration {
  readonly path: string;
  readonly shape: Shape;
  readonly span: Span;
  readonly initial: ModelParameter['initial'];
}

/** Adds a trainable tensor; its shape must be known now and free of the batch symbol. */
export function declareParameter(context: Context, { path, shape, span, initial }: Declaration): Node {
  const sizes = knownShape(shape);
  if (!sizes) {
    const batch = context.batch?.symbol;
    const symbols = shape.map(dim => dim.key).join(', ');
    const reason =
      batch !== undefined && symbols.includes(batch)
        ? `${batch} is the batch, which changes from step to step`
        : 'give sizes as numbers, or as symbols that the data of an input settles';
    throw modelError(
      'shape-unknown',
      span,
      `the shape of parameter ${path} is ${printShape(shape)}: ${reason}`,
    );
  }
  const { barren } = context.frame;
  if (barren !== undefined) throw modelError('argument', span, barren);
  const existing = context.parameters.find(parameter => parameter.path === path);
  if (existing && context.isSharing) return shared(existing, shape, span);
  const node = context.at(span, () => context.builder.apply('parameter', [], { path, shape }));
  context.parameters.push({ path, node, sizes, initial, span: context.place(span) });
  if (!context.isSharing) context.unshared++;
  return node;
}

interface BufferDeclaration {
  readonly path: string;
  readonly shape: Shape;
  readonly span: Span;
  readonly initial: number;
  /** What it becomes after a training step, from what it is. */
  readonly update: ((present: Node) => NonNullable<ModelBuffer['update']>) | undefined;
}

/** Adds a tensor that is kept and not trained; later calls of one instance carry its update on. */
export function declareBuffer(context: Context, declaration: BufferDeclaration): Node {
  const { path, shape, initial, update } = declaration;
  const span = context.place(declaration.span);
  const at = context.buffers.findIndex(buffer => buffer.path === path);
  const existing = context.buffers[at];
  const node = existing?.node ?? context.at(span, () => context.builder.apply('buffer', [], { path, shape }));
  const next = update?.(existing?.update?.value ?? node);
  const buffer = { path, node, span, sizes: knownShape(shape)!, initial, ...(next ? { update: next } : {}) };
  if (at < 0) context.buffers.push(buffer);
  else context.buffers[at] = buffer;
  context.outputs.set(path, node);
  return node;
}

/** Every call of one instance uses the parameters that its first call made; its inputs must fit them. */
function shared({ node, path }: ModelParameter, shape: Shape, span: Span): Node {
  if (equalShapes(node.shape, shape)) return node;
  throw modelError(
    'shape-mismatch',
    span,
    `parameter ${path} is ${printShape(node.shape)} since its first call, and this call needs ${printShape(shape)}`,
  );
}
