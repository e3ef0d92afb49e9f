import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * ONNX models in memory and their encoding as protocol buffers. Field numbers are those of `onnx.proto`, version 1.14
 * (https://github.com/onnx/onnx/blob/v1.14.0/onnx/onnx.proto); only what we write is here.
 */

export type ElementType = 'float' | 'int32' | 'int64' | 'bool' | 'bfloat16';

export interface TensorInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A tensor of known numbers, row-major, in the bytes of its type. */
export interface Initializer extends TensorInfo {
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

/** A whole number, numbers, a text, or a float, which needs a mark since 1 is both. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  /** An empty name leaves an optional operand out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** ReduceMax takes its axes as an operand, and Pad has axes, from here on. */
export const opset = 18;
const irVersion = 8;

const ELEMENT_TYPES: Readonly<Record<ElementType, number>> = {
  float: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  bfloat16: 16,
};
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** A `ModelProto`. */
export function encodeModel({ nodes, initializers, inputs, outputs }: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter();
  int(writer, 1, irVersion);
  text(writer, 2, 'nabla');
  message(writer, 7, graph => {
    for (const node of nodes) message(graph, 1, each => writeNode(each, node));
    text(graph, 2, 'nabla');
    for (const tensor of initializers) message(graph, 5, each => writeTensor(each, tensor));
    for (const info of inputs) message(graph, 11, each => writeInfo(each, info));
    for (const info of outputs) message(graph, 12, each => writeInfo(each, info));
  });
  for (const domain of new Set(['', ...nodes.map(node => node.domain)])) {
    message(writer, 8, each => {
      text(each, 1, domain);
      int(each, 2, domain === '' ? opset : 1);
    });
  }
  return writer.finish();
}

function writeNode(writer: BinaryWriter, { op, domain, inputs, outputs, attributes }: OnnxNode): void {
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  text(writer, 3, outputs[0]!);
  text(writer, 4, op);
  for (const [name, value] of Object.entries(attributes)) {
    message(writer, 5, each => writeAttribute(each, name, value));
  }
  if (domain !== '') text(writer, 7, domain);
}

function writeAttribute(writer: BinaryWriter, name: string, value: OnnxAttribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    int(writer, 3, value);
    int(writer, 20, ATTRIBUTE_TYPES.int);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    int(writer, 20, ATTRIBUTE_TYPES.string);
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    int(writer, 20, ATTRIBUTE_TYPES.float);
  } else {
    for (const each of value) int(writer, 8, each);
    int(writer, 20, ATTRIBUTE_TYPES.ints);
  }
}

function writeTensor(writer: BinaryWriter, { name, type, shape, data }: Initializer): void {
  for (const size of shape) int(writer, 1, size);
  int(writer, 2, ELEMENT_TYPES[type]);
  text(writer, 8, name);
  writer
    .tag(9, WireType.LengthDelimited)
    .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeInfo(writer: BinaryWriter, { name, type, shape }: TensorInfo): void {
  text(writer, 1, name);
  message(writer, 2, types =>
    message(types, 1, tensor => {
      int(tensor, 1, ELEMENT_TYPES[type]);
      message(tensor, 2, sizes => {
        for (const size of shape) message(sizes, 1, each => int(each, 1, size));
      });
    }),
  );
}

function int(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function message(writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}
