import { isZero, positivePart, uniform } from '../../uniform';
import type { Value } from '../../value';
import type { Lowering } from '../lowering';
import { BlockedConvolutions, type BlockedMemory, type Emit } from './blockedConvolution';
import { blockedLayout, fromBlocks, inBlocks, toBlocks } from './blockedMemory';
import { blockSize } from './blockSize';
import { isSumOfProducts } from './finite';
import type { Layout } from './layout';
import { covers, type Extents, masked, tiledMaxGradient, tiles } from './pool';
import {
  maxPoolGradientOf,
  maxPoolOf,
  type PoolGradient,
  sumPoolGradientOf,
  sumPoolOf,
} from './poolRecognize';
import { rectifiedPoolGradientOf, reluUnderPool } from './rectifiedPool';

/** Ops at every position; what they make of the zeros that fill a last block is finite. */
const ELEMENTWISE: Readonly<Record<string, string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  neg: 'Neg',
  relu: 'Relu',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  greater: 'Greater',
  where: 'Where',
};

/**
 * Values `[N, C, H, W]` that are computed in blocks of channels: convolutions, whose kernels for such memory are the
 * fastest that the library has, and what is done to their results before they are needed in rows again.
 */
export class BlockedValues implements BlockedMemory {
  readonly convolutions: BlockedConvolutions;
  private readonly layout: Layout;
  /** How a value is computed in blocks; undefined where it is computed in rows. */
  private readonly plans = new Map<Value, Emit | undefined>();
  private readonly emitted = new Map<Value, string>();

  constructor(
    private readonly l: Lowering,
    private readonly block: number,
  ) {
    this.layout = blockedLayout(block);
    this.convolutions = new BlockedConvolutions(l, block, this);
  }

  /** The value in rows, when it is computed in blocks. */
  inRows(value: Value): string | undefined {
    if (value.dtype !== 'float' || !this.has(value)) return undefined;
    return fromBlocks(this.emit(value), value.shape[1]!, this.l);
  }

  /** Whether the value is computed in blocks. */
  has(value: Value): boolean {
    if (!this.plans.has(value)) {
      const possible = !value.fed && !this.l.isGiven(value) && value.shape.length === 4 && !value.constant;
      this.plans.set(value, possible ? this.plan(value) : undefined);
    }
    return this.plans.get(value) !== undefined;
  }

  /** The value in blocks, wherever it is computed. */
  emit(value: Value): string {
    let name = this.emitted.get(value);
    if (name === undefined) {
      name = this.has(value)
        ? this.plans.get(value)!()
        : toBlocks(this.l.emit(value), value.shape[1]!, this.block, this.l);
      this.emitted.set(value, name);
    }
    return name;
  }

  private plan(value: Value): Emit | undefined {
    return (
      this.convolutions.activated(value) ??
      this.convolutions.convolution(value, '') ??
      this.convolutions.inputGradient(value) ??
      this.maxPool(value) ??
      this.maxPoolGradient(value) ??
      this.sumPool(value) ??
      this.sumPoolGradient(value) ??
      this.elementwise(value)
    );
  }

  private maxPool(value: Value): Emit | undefined {
    const pool = maxPoolOf(value);
    if (!pool) return undefined;
    const z = reluUnderPool(pool.image, this.l);
    const image = z ?? pool.image;
    if (!this.has(image)) return undefined;
    return () => {
      const largest = this.layout.maxPool(this.emit(image), pool.sliding, this.l);
      return z ? this.l.node('Relu', [largest]) : largest;
    };
  }

  private maxPoolGradient(value: Value): Emit | undefined {
    const rectified = rectifiedPoolGradientOf(value, this.l);
    const pool: PoolGradient | undefined = rectified?.pool ?? maxPoolGradientOf(value);
    if (!pool || !tiles(pool.sliding) || !covers(pool.sliding)) return undefined;
    const image = rectified?.z ?? pool.image;
    if (!this.has(image) || !this.isWhole(image)) return undefined;
    const { l, layout } = this;
    return () => {
      const z = this.emit(image);
      const finite = isSumOfProducts(pool.gradient);
      let gradient = this.emit(pool.gradient);
      if (rectified) {
        const on = l.node('Greater', [layout.maxPool(z, pool.sliding, l), l.scalar(0)]);
        gradient = masked(on, gradient, finite, l);
      }
      return tiledMaxGradient(z, gradient, pool.sliding, this.extents(image), layout, finite, l);
    };
  }

  private sumPool(value: Value): Emit | undefined {
    const pool = sumPoolOf(value);
    if (!pool || pool.sliding.dilation.some(d => d > 1) || !this.has(pool.image)) return undefined;
    const { kernel } = pool.sliding;
    return () => {
      const mean = this.layout.averagePool(this.emit(pool.image), pool.sliding, this.l);
      return this.l.node('Mul', [mean, this.l.scalar(kernel[0] * kernel[1])]);
    };
  }

  private sumPoolGradient(value: Value): Emit | undefined {
    const pool = sumPoolGradientOf(value);
    if (!pool || !tiles(pool.sliding) || !covers(pool.sliding) || !this.has(pool.gradient)) return undefined;
    return () => this.layout.enlarge(this.emit(pool.gradient), pool.sliding.kernel, this.l);
  }

  private elementwise(value: Value): Emit | undefined {
    const op = ELEMENTWISE[value.op];
    // A block that is not full costs as much as a full one; relu alone saves a reordering of what it is done to.
    if (!op || value.dtype === 'int' || !value.inputs.some(input => this.has(input))) return undefined;
    if (value.op !== 'relu' && !this.isWhole(value)) return undefined;
    const possible = (input: Value): boolean =>
      uniform(input) !== undefined || this.has(input) || (input.dtype === 'float' && !input.constant);
    if (!value.inputs.every(possible)) return undefined;
    const [, chosen, other] = value.inputs;
    const masks = value.op === 'where' && isZero(other!) && isSumOfProducts(chosen!);
    const sign = positivePart(value);
    const { l } = this;
    return () => {
      // relu(z) has the sign of z, and z itself is never in memory where relu is part of its convolution.
      const relu = sign && l.readersOf(sign).find(reader => reader?.op === 'relu');
      if (relu && this.has(relu) && this.convolutions.showsSignAlone(sign, relu)) {
        return l.node('Greater', [this.emit(relu), l.scalar(0)]);
      }
      const operands = value.inputs.map(input => {
        const number = uniform(input);
        return number === undefined ? this.emit(input) : l.scalar(number);
      });
      return masks ? masked(operands[0]!, operands[1]!, true, l) : l.node(op, operands);
    };
  }

  /** Whether no channel of a block is left empty. */
  private isWhole({ shape }: Value): boolean {
    return shape[1]! % this.block === 0;
  }

  private extents({ shape }: Value): Extents {
    const [batch, channels, height, width] = shape as [number, number, number, number];
    return [batch, inBlocks(channels, this.block), height, width];
  }
}

const states = new WeakMap<Lowering, BlockedValues>();

/** What of a model is computed in blocks; undefined where this machine has no kernels for that. */
export function blockedValues(l: Lowering): BlockedValues | undefined {
  const block = blockSize();
  if (block === 0) return undefined;
  let state = states.get(l);
  if (!state) states.set(l, (state = new BlockedValues(l, block)));
  return state;
}
