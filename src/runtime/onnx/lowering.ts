import type { DType, TensorData } from '../../graph/types';
import type { OpName } from '../../ops/registry';
import type { Value } from '../value';
import { Initializers } from './initializers';
import type { ElementType, OnnxAttribute, OnnxGraph, OnnxNode, TensorInfo } from './model';
import { type Readers, readersOf } from './readers';
import { ELEMENT_TYPES, sameShape, type Tensor } from './tensor';
import { UnsupportedByOnnx } from './unsupported';

/** How an op becomes nodes: the tensor with the value in full, or one that broadcasts to it. */
export type OnnxEmitter = (value: Value, lowering: Lowering) => string | Tensor;

/** A formulation for what stands above a value; undefined where it is not what the pattern is about. */
export type OnnxPattern = (value: Value, lowering: Lowering) => string | Tensor | undefined;

export const MICROSOFT = 'com.microsoft';

export interface LoweredModel {
  readonly graph: OnnxGraph;
  /** Of every output. */
  readonly names: ReadonlyMap<Value, string>;
  /** What to feed, by name; the graph may not need all of it. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** By the name of a node, the value that it was made for. */
  readonly origins: ReadonlyMap<string, Value>;
}

/** What values become. */
export interface Rules {
  /** Tried in this order before the emitter of a value's op. */
  readonly patterns: readonly OnnxPattern[];
  /** A reason, in one sentence, in place of what there is not. */
  readonly emitters: Readonly<Record<OpName, OnnxEmitter | string>>;
}

/** Emitting goes this deep by calls; what lies deeper is emitted first and the way there is walked again. */
const DEPTH = 150;

/** Thrown past what is being emitted, to the loop that emits `value` first. */
class Deeper {
  constructor(readonly value: Value) {}
}

/** What the model is to compute, over lowered values. */
export interface LoweringRequest {
  readonly outputs: readonly Value[];
  /** Given from outside: leaves, and what is computed before. */
  readonly given: (value: Value) => boolean;
  /** The numbers of values that depend on nothing given. */
  readonly constants?: ReadonlyMap<Value, TensorData>;
}

/**
 * Builds a model from its outputs inwards. A value is emitted when somebody asks for it and only once; so what a
 * pattern takes in whole is not emitted unless somebody else asks too.
 */
export class Lowering {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers = new Initializers();
  private readonly given: LoweringRequest['given'];
  private readonly constants: ReadonlyMap<Value, TensorData>;
  private readonly inputs = new Map<string, Value>();
  private readonly emitted = new Map<Value, Tensor>();
  private readonly whole = new Map<Value, string>();
  private readonly byKey = new Map<string, string>();
  private readonly readers: Readers;
  /** By the name of a node, for which value it was made. */
  private readonly origins = new Map<string, Value>();
  private readonly making: Value[] = [];

  constructor(
    private readonly request: LoweringRequest,
    private readonly rules: Rules,
  ) {
    this.given = request.given;
    this.constants = request.constants ?? new Map();
    this.readers = readersOf(request.outputs, value => this.given(value) || this.constants.has(value));
  }

  /** The tensor with `value` in its full shape. */
  emit(value: Value): string {
    let name = this.whole.get(value);
    if (name === undefined) {
      const tensor = this.operand(value);
      name = sameShape(tensor.shape, value.shape)
        ? tensor.name
        : this.node('Expand', [tensor.name, this.ints(value.shape)]);
      this.whole.set(value, name);
    }
    return name;
  }

  /** A tensor that broadcasts to `value`: what operands of elementwise nodes need. */
  operand(value: Value): Tensor {
    let tensor = this.emitted.get(value);
    if (!tensor) {
      if (this.making.length >= DEPTH) throw new Deeper(value);
      this.making.push(value);
      try {
        const made = this.make(value);
        tensor = typeof made === 'string' ? { name: made, shape: value.shape } : made;
      } finally {
        this.making.pop();
      }
      this.emitted.set(value, tensor);
    }
    return tensor;
  }

  /** Adds a node with one output, or finds the equal one; gives its output. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): string {
    return this.nodeWith(1, op, inputs, attributes, domain)[0]!;
  }

  /** As `node`, for a node with several outputs. */
  nodeWith(
    count: number,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): readonly string[] {
    const key = JSON.stringify([domain, op, inputs, attributes]);
    const first = this.byKey.get(key) ?? `${op}_${this.nodes.length}`;
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? first : `${first}_${i}`));
    if (!this.byKey.has(key)) {
      this.byKey.set(key, first);
      this.nodes.push({ op, domain, inputs, outputs, attributes });
      const origin = this.making.at(-1);
      if (origin) this.origins.set(first, origin);
    }
    return outputs;
  }

  /** A tensor of known numbers. */
  constant(type: ElementType, shape: readonly number[], data: readonly number[] | TensorData): string {
    return this.initializers.add(type, shape, data);
  }

  scalar(value: number, dtype: DType = 'float'): string {
    return this.constant(ELEMENT_TYPES[dtype], [], [value]);
  }

  /** Whole numbers as ONNX takes shapes and axes. */
  ints(values: readonly number[]): string {
    return this.constant('int64', [values.length], values);
  }

  reshape(name: string, shape: readonly number[]): string {
    return this.node('Reshape', [name, this.ints(shape)]);
  }

  transpose(name: string, permutation: readonly number[]): string {
    if (permutation.every((axis, i) => axis === i)) return name;
    return this.node('Transpose', [name], { perm: permutation });
  }

  /** Whether one reader alone asks for `value`, so that a pattern that takes it in saves it. */
  readOnce(value: Value): boolean {
    return this.readersOf(value).length === 1;
  }

  /** The values that are computed from `value`, one for each use; `undefined` stands for it being an output. */
  readersOf(value: Value): readonly (Value | undefined)[] {
    return this.readers.get(value) ?? [];
  }

  /** The numbers of a value that rests on constants alone and is read by one that does not; undefined for others. */
  knownNumbers(value: Value): TensorData | undefined {
    return this.constants.get(value);
  }

  isGiven(value: Value): boolean {
    return this.given(value);
  }

  /** The graph that computes all outputs, and the name of each. */
  finish(): LoweredModel {
    const names = new Map<Value, string>();
    const taken = new Set<string>();
    for (const output of this.request.outputs) {
      const name = this.emitFlat(output);
      // An output of the model is computed by a node and has a name of its own.
      const own = this.inputs.has(name) || this.initializers.has(name) || taken.has(name);
      const final = own ? this.copy(name, `output_${output.index}`) : name;
      names.set(output, final);
      taken.add(final);
    }
    const nodes = living(this.nodes, taken);
    const used = new Set(nodes.flatMap(node => node.inputs));
    const info = (name: string, value: Value): TensorInfo => ({
      name,
      type: ELEMENT_TYPES[value.dtype],
      shape: value.shape,
    });
    return {
      names,
      inputs: this.inputs,
      origins: this.origins,
      graph: {
        nodes,
        initializers: this.initializers.all.filter(({ name }) => used.has(name)),
        inputs: [...this.inputs].filter(([name]) => used.has(name)).map(([name, value]) => info(name, value)),
        outputs: [...names].map(([value, name]) => info(name, value)),
      },
    };
  }

  /** As `emit`, without deep calls. */
  private emitFlat(value: Value): string {
    const pending = [value];
    while (pending.length > 0) {
      try {
        this.emit(pending.at(-1)!);
        pending.pop();
      } catch (error) {
        if (!(error instanceof Deeper)) throw error;
        pending.push(error.value);
      }
    }
    return this.emit(value);
  }

  private copy(name: string, output: string): string {
    this.nodes.push({ op: 'Identity', domain: '', inputs: [name], outputs: [output], attributes: {} });
    return output;
  }

  private make(value: Value): string | Tensor {
    if (this.given(value)) {
      const name = `input_${value.index}`;
      this.inputs.set(name, value);
      return name;
    }
    const known = this.constants.get(value);
    if (known) return this.known(value, known);
    for (const pattern of this.rules.patterns) {
      const made = pattern(value, this);
      if (made !== undefined) return made;
    }
    const emitter = this.rules.emitters[value.op];
    if (typeof emitter === 'string') throw new UnsupportedByOnnx(value, emitter);
    return emitter(value, this);
  }

  private known({ dtype, shape }: Value, data: TensorData): Tensor {
    const type = ELEMENT_TYPES[dtype];
    const alike = data.length > 0 && data.every(x => Object.is(x, data[0]));
    if (alike) return { name: this.constant(type, [], [data[0]!]), shape: [] };
    return { name: this.constant(type, shape, data), shape };
  }
}

/** Nodes that an output rests on; a pattern that gave up may have left others. */
function living(nodes: readonly OnnxNode[], outputs: ReadonlySet<string>): OnnxNode[] {
  const needed = new Set(outputs);
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some(name => needed.has(name))) continue;
    for (const input of node.inputs) needed.add(input);
    kept.push(node);
  }
  return kept.reverse();
}
