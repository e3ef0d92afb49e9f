/** Types of WebAssembly values, as the binary format numbers them. */
export const I32 = 0x7f;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof V128;

/** Instructions, as bytes. */
export type Code = readonly number[];

/** A number in the LEB128 form of the binary format. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

/** The same for a signed number of 32 bits. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

interface Body {
  readonly type: number;
  /** Types of the locals, parameters not among them. */
  readonly locals: readonly ValueType[];
  readonly code: readonly Code[];
}

/** Builds a module that imports one memory and functions, and exports functions. */
export class ModuleBuilder {
  private readonly types: string[] = [];
  private readonly typeBytes: number[][] = [];
  private readonly imports = new Map<string, { readonly index: number; readonly type: number }>();
  private readonly bodies: Body[] = [];
  private readonly exports: { readonly name: string; readonly body: number }[] = [];

  constructor(
    /** Pages of 64 KB that the memory has at least. */
    private readonly pages: number,
  ) {}

  /** The index of a function from `library`. */
  imported(name: string, parameters: readonly ValueType[], results: readonly ValueType[]): number {
    let known = this.imports.get(name);
    if (!known) {
      known = { index: this.imports.size, type: this.typeOf({ parameters, results }) };
      this.imports.set(name, known);
    }
    return known.index;
  }

  /** Gives the position among the module's own functions: see `indexOf`. */
  add(
    parameters: readonly ValueType[],
    locals: readonly ValueType[],
    code: readonly Code[],
    results: readonly ValueType[],
  ): number {
    this.bodies.push({ type: this.typeOf({ parameters, results }), locals, code });
    return this.bodies.length - 1;
  }

  /** The index of an own function; known once everything is imported, since imports come first. */
  indexOf(body: number): number {
    return this.imports.size + body;
  }

  export(name: string, body: number): void {
    this.exports.push({ name, body });
  }

  get importNames(): string[] {
    return [...this.imports.keys()];
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const memory = [...text('memory'), ...text('memory'), 2, 0, ...unsigned(this.pages)];
    const functions = [...this.imports].map(([name, { type }]) => [
      ...text('library'),
      ...text(name),
      0,
      ...unsigned(type),
    ]);
    const types = this.bodies.map(({ type }) => unsigned(type));
    const exports = this.exports.map(({ name, body }) => [...text(name), 0, ...unsigned(this.indexOf(body))]);
    return joined([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, this.typeBytes),
      ...section(2, [memory, ...functions]),
      ...section(3, types),
      ...section(7, exports),
      ...section(10, this.bodies.flatMap(bodyOf), this.bodies.length),
    ]);
  }

  private typeOf({ parameters, results }: FunctionType): number {
    const bytes = [0x60, ...unsigned(parameters.length), ...parameters];
    bytes.push(...unsigned(results.length), ...results);
    const key = String(bytes);
    const known = this.types.indexOf(key);
    if (known >= 0) return known;
    this.typeBytes.push(bytes);
    return this.types.push(key) - 1;
  }
}

function section(id: number, parts: readonly Code[], entries = parts.length): Code[] {
  const count = unsigned(entries);
  return [[id], unsigned(lengthOf(parts) + count.length), count, ...parts];
}

function bodyOf({ locals, code }: Body): Code[] {
  // Locals are declared in runs of one type.
  const runs: { count: number; readonly type: ValueType }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  const declared = [...unsigned(runs.length)];
  for (const { count, type } of runs) declared.push(...unsigned(count), type);
  return [unsigned(declared.length + lengthOf(code) + 1), declared, ...code, [END]];
}

const END = 0x0b;

function lengthOf(parts: readonly Code[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function joined(parts: readonly Code[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) for (let i = 0; i < part.length; i++) bytes[at++] = part[i]!;
  return bytes;
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}
