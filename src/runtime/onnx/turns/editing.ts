import type { ElementType, Initializer, OnnxAttribute, OnnxGraph, OnnxNode } from '../model';
import { type Known, shapesOf, typeOf } from './shapes';

type Shape = readonly number[];

/** Constants of more elements are not read. */
const SMALL = 4096;

/** A graph that is written anew, node by node, in an order in which each follows what it reads. */
export class Editing implements Known {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: Map<string, Initializer>;
  private readonly shapes = new Map<string, Shape>();
  private readonly types = new Map<string, ElementType>();
  private readonly renamed = new Map<string, string>();
  private readonly producers = new Map<string, OnnxNode>();
  private readonly byKey = new Map<string, readonly string[]>();
  private readonly depths = new Map<string, number>();
  /** A bit for each. */
  private readonly sources: ReadonlyMap<string, bigint>;
  /** The bits of all sources that a tensor rests on. */
  private readonly origins: Map<string, bigint>;
  private readonly uses = new Map<string, number>();
  private readonly zeros = new Set<string>();
  private readonly constants = new Map<string, string>();
  private readonly intConstants = new Map<string, string>();
  private readonly taken: Set<string>;
  private count = 0;

  /** For `sources`, and only for these, it can be told whether a tensor rests on them. */
  constructor(
    private readonly graph: OnnxGraph,
    sources: readonly string[] = [],
  ) {
    this.sources = new Map(sources.map((source, i) => [source, 1n << BigInt(i)]));
    this.origins = new Map(this.sources);
    this.initializers = new Map(graph.initializers.map(each => [each.name, each]));
    for (const { name, shape, type } of [...graph.inputs, ...graph.initializers]) {
      this.shapes.set(name, shape);
      this.types.set(name, type);
    }
    this.taken = new Set([...this.shapes.keys(), ...graph.nodes.flatMap(node => node.outputs)]);
    for (const name of [
      ...graph.nodes.flatMap(node => node.inputs),
      ...graph.outputs.map(each => each.name),
    ]) {
      this.uses.set(name, (this.uses.get(name) ?? 0) + 1);
    }
  }

  shape(name: string): Shape | undefined {
    return this.shapes.get(name);
  }

  type(name: string): ElementType | undefined {
    return this.types.get(name);
  }

  ints(name: string): readonly number[] | undefined {
    const { type, data } = this.initializers.get(name) ?? {};
    return type === 'int64' && data!.length <= SMALL ? Array.from(data as BigInt64Array, Number) : undefined;
  }

  floats(name: string): readonly number[] | undefined {
    const { type, data } = this.initializers.get(name) ?? {};
    return type === 'float' && data!.length <= SMALL ? Array.from(data as Float32Array) : undefined;
  }

  producer(name: string): OnnxNode | undefined {
    return this.producers.get(name);
  }

  /** The longest way to `name` from what is fed, in nodes. */
  depth(name: string): number {
    return this.depths.get(name) ?? 0;
  }

  /** Whether `name` is computed from `source`. */
  restsOn(name: string, source: string): boolean {
    return ((this.origins.get(name) ?? 0n) & (this.sources.get(source) ?? 0n)) !== 0n;
  }

  /** Whether one node of the graph as it was reads `name`. */
  readOnce(name: string): boolean {
    return this.uses.get(name) === 1;
  }

  isZero(name: string): boolean {
    return this.zeros.has(name);
  }

  /** What stands for a tensor of the graph as it was. */
  now(name: string): string {
    return this.renamed.get(name) ?? name;
  }

  rename(from: readonly string[], to: readonly string[]): void {
    from.forEach((name, i) => {
      this.renamed.set(name, to[i]!);
    });
  }

  /** A node with one output, or the equal one that there is; gives its output. */
  add(op: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string {
    return this.addMany(1, op, inputs, attributes)[0]!;
  }

  addMany(
    outputs: number,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): readonly string[] {
    let names = this.equal({ op, domain, inputs, attributes });
    if (!names) {
      const first = this.fresh();
      names = Array.from({ length: outputs }, (_, i) => (i === 0 ? first : `${first}_${i}`));
      this.keep({ op, domain, inputs, outputs: names, attributes });
    }
    return names;
  }

  /** The outputs of a node that computes the same. */
  equal({ domain, op, inputs, attributes }: Omit<OnnxNode, 'outputs'>): readonly string[] | undefined {
    return this.byKey.get(keyOf(domain, op, inputs, attributes));
  }

  /** Takes a node over as it is, its inputs renamed. */
  keep(node: OnnxNode): void {
    const { op, domain, inputs, outputs, attributes } = node;
    this.nodes.push(node);
    this.byKey.set(keyOf(domain, op, inputs, attributes), outputs);
    const depth = 1 + Math.max(0, ...inputs.map(name => this.depth(name)));
    const origins = inputs.reduce((all, name) => all | (this.origins.get(name) ?? 0n), 0n);
    const shapes = shapesOf(node, this);
    const type = typeOf(node, this);
    outputs.forEach((name, i) => {
      this.producers.set(name, node);
      this.depths.set(name, depth);
      if (origins !== 0n) this.origins.set(name, origins | (this.sources.get(name) ?? 0n));
      if (shapes[i]) this.shapes.set(name, shapes[i]);
      if (type) this.types.set(name, type);
    });
    const zero = op === 'Expand' && this.floats(inputs[0]!)?.every(x => x === 0);
    if (zero) this.zeros.add(outputs[0]!);
  }

  constantInts(values: readonly number[]): string {
    const key = values.join();
    let name = this.intConstants.get(key);
    if (name === undefined) {
      name = this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
      this.intConstants.set(key, name);
    }
    return name;
  }

  constantFloats(shape: Shape, values: readonly number[]): string {
    return this.constant('float', shape, Float32Array.from(values));
  }

  zero(shape: Shape): string {
    const name = this.constantFloats(
      shape,
      new Array<number>(shape.reduce((product, size) => product * size, 1)).fill(0),
    );
    this.zeros.add(name);
    return name;
  }

  /** `x[.., start:end, ..]` along one axis. */
  slice(x: string, axis: number, start: number, end: number): string {
    if (start === 0 && end === this.shape(x)?.[axis]) return x;
    return this.add('Slice', [x, ...[start, end, axis, 1].map(value => this.constantInts([value]))]);
  }

  concat(names: readonly string[], axis: number): string {
    return names.length === 1 ? names[0]! : this.add('Concat', names, { axis });
  }

  finish(): OnnxGraph {
    for (const { name } of this.graph.outputs) {
      const now = this.now(name);
      if (now !== name)
        this.keep({ op: 'Identity', domain: '', inputs: [now], outputs: [name], attributes: {} });
    }
    const needed = new Set(this.graph.outputs.map(({ name }) => name));
    const nodes: OnnxNode[] = [];
    for (const node of [...this.nodes].reverse()) {
      if (!node.outputs.some(name => needed.has(name))) continue;
      for (const input of node.inputs) needed.add(input);
      nodes.push(node);
    }
    return {
      nodes: nodes.reverse(),
      initializers: [...this.initializers.values()].filter(({ name }) => needed.has(name)),
      inputs: this.graph.inputs.filter(({ name }) => needed.has(name)),
      outputs: this.graph.outputs,
    };
  }

  /** A name that nothing has, nor one of several outputs under it. */
  private fresh(): string {
    for (;;) {
      const name = `turns_${this.count++}`;
      if (!this.taken.has(name)) return name;
    }
  }

  private constant(type: Initializer['type'], shape: Shape, data: Initializer['data']): string {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
    const key = `${type} ${shape} ${bytes}`;
    let name = this.constants.get(key);
    if (name === undefined) {
      name = this.fresh();
      this.constants.set(key, name);
      this.initializers.set(name, { name, type, shape, data });
      this.shapes.set(name, shape);
      this.types.set(name, type);
    }
    return name;
  }
}

function keyOf(
  domain: string,
  op: string,
  inputs: readonly string[],
  attributes: OnnxNode['attributes'],
): string {
  return `${domain} ${op} ${inputs.join()} ${JSON.stringify(attributes)}`;
}

/** Gives the outputs that stand for those of `node`, whose inputs are renamed; undefined to keep it. */
export type Rule = (node: OnnxNode, editing: Editing) => readonly string[] | undefined;

/** Writes the graph anew, each node by the first rule that has something in its place. */
export function rewrite(
  graph: OnnxGraph,
  rules: readonly Rule[],
  sources: readonly string[] = [],
): OnnxGraph {
  const editing = new Editing(graph, sources);
  for (const node of graph.nodes) {
    const own = { ...node, inputs: node.inputs.map(name => editing.now(name)) };
    let outputs = editing.equal(own);
    for (const rule of outputs ? [] : rules) {
      outputs = rule(own, editing);
      if (outputs) break;
    }
    if (outputs) editing.rename(node.outputs, outputs);
    else editing.keep(own);
  }
  return editing.finish();
}
