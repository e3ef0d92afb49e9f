import type { Kernel } from '../fusion';
import type { LoopKernel } from '../javascript/expression';
import { loopsFor, type Surroundings } from '../javascript/generate';
import { widthOf } from '../storage';
import type { Value } from '../value';
import { callOf } from './calls';
import { type Form, formOf } from './form';
import { clear } from './instructions';
import type { LibraryCall } from './lanes';
import { I32, type ModuleBuilder } from './module';
import { movementOf } from './movement';
import { type FunctionBody, type Scratch, writeNest } from './nest';
import type { ByteOf } from './places';
import { joined, together } from './together';

/** The call of one of the module's own functions. */
export interface Invocation {
  readonly body: number;
  readonly operands: readonly number[];
  readonly givesUp: boolean;
}

interface Nest {
  readonly loops: LoopKernel;
  readonly whole: boolean;
  readonly form: Form | undefined;
}

/** A part of a kernel: a nest of loops, or a body as it is. */
type Piece = Nest | FunctionBody;

/**
 * So many kernels of one form share a function, which is told where its operands lie. Fewer have one each, with all
 * addresses written in: a long program, such as a recurrent net, needs short code, a small one fast code.
 */
const ALIKE = 4;

/** Adds the functions of kernels to a module. */
export class KernelCompiler {
  private readonly alike = new Map<string, number>();
  private readonly shared = new Map<string, Omit<Invocation, 'operands'> | undefined>();
  private readonly pieces = new Map<Kernel, readonly Piece[] | undefined>();

  constructor(
    kernels: readonly Kernel[],
    private readonly builder: ModuleBuilder,
    private readonly surroundings: Surroundings,
    /** The byte where an array starts; undefined for one outside the memory. */
    private readonly startOf: (array: string) => number | undefined,
    private readonly library: LibraryCall,
    private readonly scratch: Scratch,
  ) {
    for (const kernel of kernels) this.pieces.set(kernel, this.divide(kernel));
    this.join(kernels);
    for (const pieces of this.pieces.values()) {
      for (const piece of pieces ?? []) {
        if (!('loops' in piece) || !piece.form) continue;
        const { key } = piece.form;
        this.alike.set(key, (this.alike.get(key) ?? 0) + 1);
      }
    }
  }

  /** The calls that compute a kernel, in order; undefined for one that lanes cannot compute. */
  invocations(kernel: Kernel): Invocation[] | undefined {
    const result: Invocation[] = [];
    for (const piece of this.pieces.get(kernel) ?? []) {
      const invocation = 'loops' in piece ? this.nest(piece) : this.add(piece, 0);
      // What has been overwritten cannot be done over.
      if (!invocation || (invocation.givesUp && this.writesOverOperand(kernel))) return undefined;
      result.push(invocation);
    }
    return this.pieces.get(kernel) && result;
  }

  private divide(kernel: Kernel): Piece[] | undefined {
    const { root } = kernel;
    const piece = (loops: LoopKernel, whole: boolean): Piece => ({
      loops,
      whole,
      form: formOf(loops, whole),
    });
    const loops = loopsFor(kernel, this.surroundings);
    if (loops) return [piece(loops, true)];
    const called = callOf(root, value => this.byteOf(value), this.library);
    if (called) return [called];
    const movement = movementOf(kernel, this.surroundings.storage);
    const start = this.byteOf(root);
    if (!movement || start === undefined) return undefined;
    const parts = movement.parts.map(part => piece(part, false));
    if (!movement.cleared) return parts;
    const code = clear(start, root.count * widthOf(root.dtype, 32));
    return [{ locals: [], code: [code], givesUp: false }, ...parts];
  }

  /** Lets the first of several neighbours compute what all of them do, where one nest can. */
  private join(kernels: readonly Kernel[]): void {
    const loops = kernels.map(kernel => {
      const [piece] = this.pieces.get(kernel) ?? [];
      return piece && 'loops' in piece && piece.whole ? piece.loops : undefined;
    });
    for (let i = 0; i < kernels.length; ) {
      const group = together(loops, i, this.startOf);
      const body = group.length > 1 ? this.placed(joined(group), true) : undefined;
      // Else what one of them cannot do would have to be done over for all.
      if (body && !body.givesUp) {
        const own = kernels.slice(i, i + group.length);
        for (const kernel of own) this.pieces.set(kernel, kernel === own[0] ? [body] : []);
      }
      i += Math.max(1, group.length);
    }
  }

  /** A nest for one kernel alone, with all addresses written in. */
  private placed(loops: LoopKernel, whole: boolean): FunctionBody | undefined {
    const byteOf: ByteOf = (array, element, width) => {
      const start = this.startOf(array);
      return start === undefined ? undefined : { start: start + element * width };
    };
    return writeNest(loops, { whole, parameters: 0, byteOf }, this.library, this.scratch);
  }

  private nest({ loops, whole, form }: Nest): Invocation | undefined {
    if (!form || this.alike.get(form.key)! < ALIKE) {
      const body = this.placed(loops, whole);
      return body && this.add(body, 0);
    }
    const { key, origins } = form;
    const operands: number[] = [];
    for (const { array, element, width } of origins) {
      const start = this.startOf(array);
      if (start === undefined) return undefined;
      operands.push(start + element * width);
    }
    if (!this.shared.has(key)) {
      const byteOf: ByteOf = (array, element) => {
        const parameter = origins.findIndex(origin => origin.array === array && origin.element === element);
        return { start: 0, parameter };
      };
      const target = { whole, parameters: origins.length, byteOf };
      const body = writeNest(loops, target, this.library, this.scratch);
      this.shared.set(key, body && this.add(body, origins.length));
    }
    const shared = this.shared.get(key);
    return shared && { ...shared, operands };
  }

  private add({ locals, code, givesUp }: FunctionBody, parameters: number): Invocation {
    const types = new Array<typeof I32>(parameters).fill(I32);
    return { body: this.builder.add(types, locals, code, givesUp ? [I32] : []), operands: [], givesUp };
  }

  private byteOf(value: Value): number | undefined {
    const { array, offset } = this.surroundings.storage(value);
    const start = this.startOf(array);
    return start === undefined ? undefined : start + offset * widthOf(value.dtype, 32);
  }

  private writesOverOperand({ root, reads }: Kernel): boolean {
    const { location } = this.surroundings;
    const own = location(root)!;
    return [...reads.keys()].some(value => {
      const place = location(value);
      return place?.array === own.array && place.offset === own.offset;
    });
  }
}
