import { randomStream } from '../../../../src/base/random';
import {
  type ElementType,
  encodeModel,
  type Initializer,
  type OnnxGraph,
  type OnnxNode,
  type TensorInfo,
} from '../../../../src/runtime/onnx/model';
import type { OnnxRuntime, OnnxTensors } from '../../../../src/runtime/onnx/runtime';
import { assertClose } from './support';

type Shape = readonly number[];

/** A graph written by hand, node by node. */
export class GraphDraft {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: Initializer[] = [];
  private readonly inputs: TensorInfo[] = [];
  private readonly outputs: TensorInfo[] = [];

  input(name: string, shape: Shape, type: ElementType = 'float'): string {
    this.inputs.push({ name, type, shape });
    return name;
  }

  ints(...data: readonly number[]): string {
    return this.constant('int64', [data.length], BigInt64Array.from(data, BigInt));
  }

  floats(shape: Shape, ...data: readonly number[]): string {
    return this.constant('float', shape, Float32Array.from(data));
  }

  /** The first output, unless `names` has a name for each. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: OnnxNode['attributes'] = {},
    names?: string[],
  ): string {
    const outputs = names ?? [`n${this.nodes.length}`];
    this.nodes.push({ op, domain: '', inputs, outputs, attributes });
    return outputs[0]!;
  }

  slice(x: string, axis: number, start: number, end: number): string {
    return this.node('Slice', [x, ...[start, end, axis, 1].map(value => this.ints(value))]);
  }

  gemm(a: string, b: string, attributes: OnnxNode['attributes'] = {}): string {
    return this.node('Gemm', [a, b], { transA: 0, transB: 0, ...attributes });
  }

  output(name: string, shape: Shape, type: ElementType = 'float'): void {
    this.outputs.push({ name, type, shape });
  }

  get graph(): OnnxGraph {
    const { nodes, initializers, inputs, outputs } = this;
    return { nodes, initializers, inputs, outputs };
  }

  private constant(type: ElementType, shape: Shape, data: Initializer['data']): string {
    const name = `c${this.initializers.length}`;
    this.initializers.push({ name, type, shape, data });
    return name;
  }
}

/** Asserts that two graphs compute the same outputs from numbers drawn at random, to 1e-6. */
export function assertSame(runtime: OnnxRuntime, graph: OnnxGraph, other: OnnxGraph): void {
  const random = randomStream(7, 'feeds');
  const numbers = new Map(
    graph.inputs.map(info => {
      const data = blank(info);
      for (let i = 0; i < data.length; i++) {
        const uniform = random.uniform();
        data[i] =
          info.type === 'float' ? 2 * uniform - 1 : Math.floor(uniform * (info.type === 'bool' ? 2 : 9));
      }
      return [info.name, data] as const;
    }),
  );
  const [expected, actual] = [graph, other].map(each => {
    const session = runtime.session(encodeModel(each), { threads: 1 });
    const tensors = (infos: readonly TensorInfo[], of: (info: TensorInfo) => ReturnType<typeof blank>) =>
      Object.fromEntries(
        infos.map(info => [info.name, runtime.tensor(TYPES[info.type as 'float'], of(info), info.shape)]),
      ) as OnnxTensors;
    const fetches = tensors(each.outputs, blank);
    session.run(
      tensors(each.inputs, info => numbers.get(info.name)!),
      fetches,
    );
    session.dispose();
    return fetches;
  }) as [OnnxTensors, OnnxTensors];
  for (const { name } of graph.outputs) assertClose(actual[name]!.data, expected[name]!.data, name, 1e-6);
}

const TYPES = { float: 'float32', int32: 'int32', bool: 'bool' } as const;

function blank({ type, shape }: TensorInfo): Float32Array | Int32Array | Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (type === 'float') return new Float32Array(count);
  return type === 'bool' ? new Uint8Array(count) : new Int32Array(count);
}
