import { positivePart } from '../../uniform';
import type { Value } from '../../value';
import type { Lowering } from '../lowering';
import { filtersFirst, slidingAttributes } from './arrange';
import { biasedConvolutionOf } from './biased';
import { blockedBias, blockedWeights, exchangedWeights, fills } from './blockedMemory';
import { BLOCKED } from './blockSize';
import { backward, turned } from './convolve';
import { columnsInBlock, foldedConvolution } from './folded';
import { type Convolution, type InputGradient, inputGradientOf } from './recognize';

/** Emits a value in blocks. */
export type Emit = () => string;

/** What lies in blocks already, and the way to get anything there. */
export interface BlockedMemory {
  has(value: Value): boolean;
  emit(value: Value): string;
}

/** Convolutions and the gradients of their inputs by the kernels for blocks of channels. */
export class BlockedConvolutions {
  constructor(
    private readonly l: Lowering,
    private readonly block: number,
    private readonly memory: BlockedMemory,
  ) {}

  /** A convolution with few filters, in rows. */
  folded(value: Value): string | undefined {
    return this.foldedConvolution(value) ?? this.foldedGradient(value);
  }

  private foldedConvolution(value: Value): string | undefined {
    const found = biasedConvolutionOf(value, this.l);
    if (!found || value.shape.length !== 4 || !this.isPlain(found.convolution)) return undefined;
    const { x, roles, sliding, size, out, weights } = found.convolution;
    const [filters, inputs] = [size(roles.filters), size(roles.inputs)];
    const columns = columnsInBlock(filters, sliding, this.block);
    if (columns === undefined || out !== roles.batch + roles.filters + roles.places) return undefined;
    const { l, block } = this;
    const rows = inputs < block;
    const folding = {
      ...{ rows, inputs, filters, columns, block, batch: size(roles.batch) },
      x: rows ? l.emit(x) : this.memory.emit(x),
      weights: filtersFirst(weights, roles, sliding, size, l),
      bias: found.bias && l.emit(found.bias),
    };
    return foldedConvolution(folding, sliding, l);
  }

  private foldedGradient(value: Value): string | undefined {
    const found = inputGradientOf(value);
    if (!found || !this.isPlain(found)) return undefined;
    const { roles, sliding, size, cotangent, weights } = found;
    const [filters, inputs] = [size(roles.filters), size(roles.inputs)];
    const back = backward(sliding);
    if (!back || cotangent.labels !== roles.batch + roles.filters + roles.places) return undefined;
    const columns = columnsInBlock(inputs, back, this.block);
    if (columns === undefined) return undefined;
    const { l, block } = this;
    const rows = filters < block && !this.memory.has(cotangent.value);
    const w = turned(filtersFirst(weights, roles, sliding, size, l), l);
    const folding = {
      ...{ rows, inputs: filters, filters: inputs, columns, block, batch: size(roles.batch) },
      x: rows ? l.emit(cotangent.value) : this.memory.emit(cotangent.value),
      weights: l.transpose(w, [1, 0, 2, 3]),
      bias: undefined,
    };
    return foldedConvolution(folding, back, l);
  }

  /** relu of a convolution of which only its sign is asked besides. */
  activated(value: Value): Emit | undefined {
    if (value.op !== 'relu') return undefined;
    const z = value.inputs[0]!;
    if (this.l.isGiven(z) || !this.showsSignAlone(z, value)) return undefined;
    return this.convolution(z, 'Relu');
  }

  /** Whether `z` is asked for nothing but relu and its sign. */
  showsSignAlone(z: Value, relu: Value): boolean {
    return this.l
      .readersOf(z)
      .every(reader => reader === relu || (reader !== undefined && positivePart(reader) === z));
  }

  /** The convolution in blocks, followed by `activation` if there is one. */
  convolution(value: Value, activation: string): Emit | undefined {
    const found = biasedConvolutionOf(value, this.l);
    if (!found) return undefined;
    const { convolution, bias } = found;
    if (value.shape.length !== 4 || !this.fits(convolution)) return undefined;
    const { x, roles, sliding, size, out, weights } = convolution;
    if (out !== roles.batch + roles.filters + roles.places) return undefined;
    const { l, block } = this;
    const [filters, inputs] = [size(roles.filters), size(roles.inputs)];
    if (columnsInBlock(filters, sliding, block) !== undefined) return undefined;
    return () => {
      // Few channels are read from rows; blocks of them would be mostly zeros.
      const rows = inputs < block;
      const w = filtersFirst(weights, roles, sliding, size, l);
      const operands = [
        rows ? l.emit(x) : this.memory.emit(x),
        blockedWeights(w, [filters, inputs, ...sliding.kernel], rows, block, l),
        ...(bias ? [blockedBias(l.emit(bias), filters, block, l)] : []),
      ];
      const attributes = { ...slidingAttributes(sliding), group: 1, ...(activation ? { activation } : {}) };
      return l.node('Conv', operands, attributes, BLOCKED);
    };
  }

  inputGradient(value: Value): Emit | undefined {
    const found = inputGradientOf(value);
    if (!found || !this.fits(found)) return undefined;
    const { roles, sliding, size, cotangent, weights } = found;
    if (cotangent.labels !== roles.batch + roles.filters + roles.places) return undefined;
    if (!fills(size(roles.inputs), this.block)) return undefined;
    const back = backward(sliding);
    if (!back) return undefined;
    const { l, block } = this;
    const [filters, inputs] = [size(roles.filters), size(roles.inputs)];
    if (columnsInBlock(inputs, back, block) !== undefined) return undefined;
    return () => {
      const dy = cotangent.value;
      const rows = filters < block && !this.memory.has(dy);
      const w = turned(filtersFirst(weights, roles, sliding, size, l), l);
      const operands = [
        rows ? l.emit(dy) : this.memory.emit(dy),
        exchangedWeights(w, [filters, inputs, ...sliding.kernel], rows, block, l),
      ];
      return l.node('Conv', operands, { ...slidingAttributes(back), group: 1 }, BLOCKED);
    };
  }

  /** One group, two axes, and channels that fill their blocks well enough. */
  private fits(found: Convolution | InputGradient): boolean {
    if (!this.isPlain(found)) return false;
    const { size, roles } = found;
    const { inputs, filters } = roles;
    return fills(size(filters), this.block) && (size(inputs) < this.block || fills(size(inputs), this.block));
  }

  private isPlain({ roles }: Convolution | InputGradient): boolean {
    const { batch, group, inputs, filters, places } = roles;
    return (
      [batch, inputs, filters].every(labels => labels.length === 1) && group === '' && places.length === 2
    );
  }
}
