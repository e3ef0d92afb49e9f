import { kernelLibrary, missingKernels } from '../../../src/runtime/webassembly/library';

const MEMORY_PAGES = 64;
/** Elements of one operand that fit in the memory beside two more. */
export const ROOM = 1 << 18;

const V128 = 0x7b;
const I32 = 0x7f;

/** Calls functions on vectors, which JavaScript cannot, from a module of one loop. */
export class VectorCaller {
  private readonly memory = new WebAssembly.Memory({ initial: MEMORY_PAGES });
  private readonly library: WebAssembly.Exports;

  constructor() {
    const module = kernelLibrary();
    if (!module) throw new Error(missingKernels());
    this.library = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
  }

  get names(): string[] {
    return Object.keys(this.library);
  }

  /** A function of one or two operands, for at most `ROOM` of each. */
  map(name: string, ...operands: readonly Float32Array[]): Float32Array {
    const { length } = operands[0]!;
    const places = [...operands, operands[0]!].map(
      (_, i) => new Float32Array(this.memory.buffer, 4 * ROOM * i, ROOM),
    );
    operands.forEach((operand, i) => {
      places[i]!.fill(0).set(operand);
    });
    const imports = { env: { memory: this.memory, f: this.library[name]! } };
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(loopModule(operands.length)),
      imports,
    );
    const end = 4 * ROOM * operands.length + 16 * Math.ceil(length / 4);
    (exports.run as (...places: number[]) => void)(...places.map(place => place.byteOffset), end);
    return places.at(-1)!.slice(0, length);
  }
}

/** `run(operands.., result, end)`: f of four elements of each operand at a time, until the result reaches `end`. */
function loopModule(operands: number): Uint8Array<ArrayBuffer> {
  const result = operands;
  const end = operands + 1;
  const loads = Array.from({ length: operands }, (_, i) => [0x20, i, 0xfd, 0x00, 4, 0]).flat();
  const steps = Array.from({ length: operands + 1 }, (_, i) => [0x20, i, 0x41, 16, 0x6a, 0x21, i]).flat();
  const code = [
    ...[0, 0x03, 0x40],
    ...[0x20, result, ...loads, 0x10, 0, 0xfd, 0x0b, 4, 0],
    ...steps,
    ...[0x20, result, 0x20, end, 0x49, 0x0d, 0, 0x0b, 0x0b],
  ];
  const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
  const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes];
  const parameters = (count: number, type: number): number[] => [count, ...Array<number>(count).fill(type)];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 2, 0x60, ...parameters(operands, V128), 1, V128, 0x60, ...parameters(operands + 2, I32), 0),
    ...section(2, 2, ...name('env'), ...name('memory'), 2, 0, 0, ...name('env'), ...name('f'), 0, 0),
    ...section(3, 1, 1),
    ...section(7, 1, ...name('run'), 0, 1),
    ...section(10, 1, code.length, ...code),
  );
}
