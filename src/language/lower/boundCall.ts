import type { Node } from '../../graph/node';
import { compatibleShapes, printShape } from '../../graph/shape';
import type { Shape } from '../../graph/types';
import type { BufferUpdate, Call } from '../../library/call';
import { activations } from '../../library/elementwise';
import type { Initializer } from '../../library/initializers';
import type { Signature } from '../../library/signature';
import type { CallExpression } from '../ast';
import { type BoundArguments, wordOf } from './arguments';
import { CallArguments } from './callArguments';
import type { Context } from './context';
import { applyUserFunction } from './functions';
import { isInitializer, lowerInitializer } from './initializers';
import { declareBuffer, declareParameter } from './parameters';

/** One call of a built-in as the library sees it: its arguments, and what it may own. */
export class BoundCall extends CallArguments implements Call {
  /** What the call gives besides its value. */
  readonly outputs = new Map<string, Node>();

  constructor(
    context: Context,
    expression: CallExpression,
    signature: Signature,
    bound: BoundArguments,
    private readonly layerPath: string | undefined,
  ) {
    super(context, expression, signature, bound);
  }

  applyFunction(parameter: string, x: Node): Node {
    const expression = this.written(parameter);
    if (!expression) return x;
    const written = wordOf(expression);
    const meaning = written === undefined ? undefined : this.context.meanings.get(written);
    const name = meaning?.kind === 'function' ? meaning.name : written;
    const user = name === undefined ? undefined : this.context.functions.get(name);
    if (user) return applyUserFunction(this.context, user, x, expression.span);
    const activation = name === undefined ? undefined : activations[name];
    if (activation) return this.context.at(expression.span, () => activation(this.b, x));
    const choices = Object.keys(activations).join(', ');
    return this.fail('argument-value', `${parameter} is the name of a function: ${choices}`, parameter);
  }

  allParameters(): readonly Node[] {
    return this.context.parameters.map(parameter => parameter.node);
  }

  parameter(name: string, shape: Shape, initial: Initializer): Node {
    const expression = this.written(name);
    if (expression && !isInitializer(expression)) {
      const given = this.b.toFloat(this.node(name));
      // A number stands for a tensor full of it.
      if (given.shape.length > 0 && !compatibleShapes(given.shape, shape)) {
        this.fail('shape-mismatch', `${name} is ${printShape(shape)} here; ${this.describe(name)}`, name);
      }
      return this.b.broadcastTo(given, shape);
    }
    return declareParameter(this.context, {
      path: this.pathOf(name),
      shape,
      span: this.expression.span,
      initial: {
        kind: 'drawn',
        initializer: expression ? lowerInitializer(this.context, expression) : initial,
      },
    });
  }

  buffer(name: string, shape: Shape, initial: number, update: BufferUpdate | undefined): Node {
    const path = this.pathOf(name);
    return declareBuffer(this.context, { path, shape, span: this.expression.span, initial, update });
  }

  training(): boolean {
    const word = this.word('training');
    if (word !== 'auto') return word === 'true';
    this.context.modal = true;
    return this.context.mode === 'train';
  }

  mask(p: number, shape: Shape): Node {
    const { frame, layers, masks } = this.context;
    const plain = `${frame.path(layers?.bound ?? '')}.${this.name}`;
    let path = plain;
    // Two calls of one function have masks of their own.
    for (let n = 2; masks.has(path); n++) path = `${plain}.${n}`;
    masks.add(path);
    return this.b.apply('random_mask', [], { path, p, shape });
  }

  output(name: string, node: Node): void {
    this.context.outputs.set(this.pathOf(name), node);
    this.outputs.set(name, node);
  }

  private pathOf(name: string): string {
    return `${this.layerPath ?? this.name}.${name}`;
  }
}
