import fc from 'fast-check';
import type { DisplayEdge, DisplayGraph, DisplayGroup, DisplayNode } from '../../../src/drawing/displayGraph';

/** Graphs to draw: small ones by hand, random ones, and the large ones that layouts are slow at. */

export function node(id: number, more: Partial<DisplayNode> = {}): DisplayNode {
  return { id, role: 'operation', op: '+', shape: '[]', dtype: 'float', ...more };
}

export function edge(from: number, to: number, operand = 0): DisplayEdge {
  return { id: `${from}:${to}:${operand}`, from, to, operand };
}

export function group(id: number, result: number, more: Partial<DisplayGroup> = {}): DisplayGroup {
  return { id, label: `g${id}`, kind: 'call', result, ...more };
}

/** Any acyclic graph of a few nodes in nested groups, sources being parameters, with some groups open. */
export const anyPicture: fc.Arbitrary<{
  readonly graph: DisplayGraph;
  readonly opened: ReadonlySet<number>;
}> = fc
  .record({
    count: fc.integer({ min: 1, max: 28 }),
    links: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 60 }),
    groups: fc.array(fc.nat(), { maxLength: 5 }),
    member: fc.array(fc.nat(), { minLength: 28, maxLength: 28 }),
    shapes: fc.array(fc.boolean(), { minLength: 28, maxLength: 28 }),
    open: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  })
  .map(({ count, links, groups, member, shapes, open }) => {
    const edges = new Map<string, DisplayEdge>();
    for (const [a, b] of links) {
      const [from, to] = [a % count, b % count];
      if (from < to) edges.set(`${from} ${to}`, edge(from, to));
    }
    const fed = new Set([...edges.values()].map(each => each.to));
    const made = groups.map((outer, i) => {
      const parent = outer % (i + 1);
      return group(100 + i, count - 1, parent === 0 ? {} : { parent: 100 + parent - 1 });
    });
    const nodes = Array.from({ length: count }, (_, id) => {
      const inside = made.length > 0 ? member[id]! % (made.length + 1) : 0;
      return node(id, {
        role: fed.has(id) ? 'operation' : 'parameter',
        name: `n${id}`,
        shape: shapes[id] ? '[]' : '[4, 3]',
        ...(inside > 0 ? { group: 100 + inside - 1 } : {}),
      });
    });
    const opened = new Set(made.filter((_, i) => open[i]).map(each => each.id));
    return { graph: { nodes, edges: [...edges.values()], groups: made, objective: count - 1 }, opened };
  });

/** An LSTM over `turns` steps, tensor by tensor: parameters used at every step, states carried on. */
export function unrolledLstm(turns: number): DisplayGraph {
  const nodes: DisplayNode[] = [];
  const edges: DisplayEdge[] = [];
  const add = (more: Partial<DisplayNode>, ...inputs: number[]) => {
    const id = nodes.length;
    nodes.push(node(id, { shape: '[32, 64]', ...more }));
    inputs.forEach((from, operand) => {
      edges.push(edge(from, id, operand));
    });
    return id;
  };
  const gates = ['i', 'f', 'o', 'g'];
  const parameters = ['W', 'U', 'b'].map(kind =>
    gates.map(gate => add({ role: 'parameter', name: kind + gate })),
  );
  let h = add({ role: 'constant', name: 'h0' });
  let c = add({ role: 'constant', name: 'c0' });
  for (let turn = 0; turn < turns; turn++) {
    const x = add({ role: 'input', name: `x${turn}` });
    const [i, f, o, g] = gates.map((_, q) => {
      const sum = add(
        { op: '+' },
        add({ op: '@' }, x, parameters[0]![q]!),
        add({ op: '@' }, h, parameters[1]![q]!),
      );
      return add({ op: 'sigmoid' }, add({ op: '+' }, sum, parameters[2]![q]!));
    }) as [number, number, number, number];
    c = add({ op: '+', name: 'c' }, add({ op: '×' }, f, c), add({ op: '×' }, i, g));
    h = add({ op: '×', name: 'h' }, o, add({ op: 'tanh' }, c));
  }
  add({ op: 'mean', name: 'loss', shape: '[]' }, h);
  return { nodes, edges, groups: [], objective: nodes.length - 1 };
}

/** A residual network of `blocks` blocks of two convolutions with their own parameters. */
export function residualNetwork(blocks: number): DisplayGraph {
  const nodes: DisplayNode[] = [];
  const edges: DisplayEdge[] = [];
  const add = (more: Partial<DisplayNode>, ...inputs: number[]) => {
    const id = nodes.length;
    nodes.push(node(id, { shape: '[8, 16, 32, 32]', ...more }));
    inputs.forEach((from, operand) => {
      edges.push(edge(from, id, operand));
    });
    return id;
  };
  let x = add({ role: 'input', name: 'x' });
  for (let block = 0; block < blocks; block++) {
    let y = x;
    for (const part of [1, 2]) {
      const weight = add({ role: 'parameter', name: `W${block}.${part}` });
      const bias = add({ role: 'parameter', name: `b${block}.${part}` });
      const scale = add({ role: 'parameter', name: `gamma${block}.${part}` });
      y = add({ op: 'batch_norm' }, add({ op: '+' }, add({ op: 'conv2d' }, y, weight), bias), scale);
      if (part === 1) y = add({ op: 'relu' }, y);
    }
    x = add({ op: 'relu' }, add({ op: '+' }, y, x));
  }
  return { nodes, edges, groups: [], objective: x };
}
