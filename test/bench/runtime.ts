import { reverse } from '../../src/autodiff/reverse';
import { symbolDim } from '../../src/graph/dimension';
import { Graph } from '../../src/graph/graph';
import type { Node } from '../../src/graph/node';
import { shapeOf } from '../../src/graph/shape';
import { Builder } from '../../src/ops/builder';
import { compile, type Program } from '../../src/runtime/program';
import type { Precision } from '../../src/runtime/storage';
import { type Row, time } from './measure';

interface Net {
  readonly name: string;
  readonly widths: readonly number[];
  readonly batch: number;
  readonly precision: Precision;
  readonly optimizer: 'sgd' | 'adam';
}

const nets: readonly Net[] = [
  { name: 'xor: 2-16-16-1, batch 4', widths: [2, 16, 16, 1], batch: 4, precision: 32, optimizer: 'sgd' },
  { name: 'xor: 2-16-16-1, batch 4', widths: [2, 16, 16, 1], batch: 4, precision: 32, optimizer: 'adam' },
  { name: 'xor: 2-16-16-1, batch 4', widths: [2, 16, 16, 1], batch: 4, precision: 64, optimizer: 'sgd' },
  { name: 'digits: 64-32-10, batch 32', widths: [64, 32, 10], batch: 32, precision: 32, optimizer: 'adam' },
  { name: 'mnist: 784-128-10, batch 64', widths: [784, 128, 10], batch: 64, precision: 32, optimizer: 'sgd' },
];

/** Training steps of the embedded executor: forward, reverse and update as one program. */
export function runtimeRows(): Row[] {
  return nets.map(net => {
    const name = `${net.name}, ${net.optimizer}, ${net.precision}-bit step`;
    const started = performance.now();
    const { program, loss } = trainingStep(net);
    program.run();
    const made = performance.now() - started;
    const micros = time(() => program.run());
    return {
      name,
      micros,
      note: `compiled in ${made.toFixed(1)} ms, loss ${program.buffer(loss)[0]!.toPrecision(3)}`,
    };
  });
}

/** Mean squared error of a net of tanh layers; weights and data from a fixed sequence. */
export function trainingStep({ widths, batch, precision, optimizer }: Net): { program: Program; loss: Node } {
  const b = new Builder(new Graph());
  const N = symbolDim('N');
  const input = (name: string, width: number): Node =>
    b.apply('input', [], { name, shape: [N, ...shapeOf([width])], dtype: 'float' });
  const x = input('x', widths[0]!);
  const y = input('y', widths.at(-1)!);
  const parameters: Node[] = [];
  const parameter = (path: string, shape: readonly number[]): Node =>
    b.apply('parameter', [], { path, shape: shapeOf(shape) });

  let h = x;
  widths.slice(1).forEach((width, i) => {
    const weight = parameter(`h${i}.W`, [widths[i]!, width]);
    const bias = parameter(`h${i}.b`, [width]);
    parameters.push(weight, bias);
    h = b.add(b.contract(h, weight, 'ni', 'io', 'no'), bias);
    if (i < widths.length - 2) h = b.tanh(h);
  });
  const count = b.mul(b.size(N), b.constant(widths.at(-1)!, 'int'));
  const loss = b.div(b.sumAll(b.square(b.sub(h, y))), b.toFloat(count));
  const adjoints = reverse(b, loss, { wrt: parameters });

  const updates: { target: Node; value: Node }[] = [];
  const steps = parameter('steps', []);
  if (optimizer === 'adam') updates.push({ target: steps, value: b.add(steps, b.constant(1)) });
  for (const p of parameters) {
    const g = adjoints.of(p)!;
    b.within({ derivation: { kind: 'update', of: p } }, () => {
      if (optimizer === 'sgd') updates.push({ target: p, value: b.sub(p, b.mul(b.constant(0.05), g)) });
      else updates.push(...adam(b, p, g, steps, parameter));
    });
  }

  const program = compile({ outputs: [loss], updates, sizes: { N: batch }, precision });
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff - 0.5;
  };
  for (const p of parameters)
    fill(program.buffer(p), () => (next() * 2) / Math.sqrt(p.shape.length > 1 ? widths[0]! : 1));
  fill(program.buffer(x), next);
  fill(program.buffer(y), next);
  return { program, loss };
}

function adam(
  b: Builder,
  p: Node,
  g: Node,
  steps: Node,
  parameter: (path: string, shape: readonly number[]) => Node,
): { target: Node; value: Node }[] {
  const [rate, beta1, beta2, epsilon] = [0.001, 0.9, 0.999, 1e-8].map(x => b.constant(x)) as [
    Node,
    Node,
    Node,
    Node,
  ];
  const one = b.constant(1);
  const shape = p.shape.map(dim => Number(dim.key));
  const { path } = p.attributes as { path: string };
  const [m, v] = [parameter(`${path}.m`, shape), parameter(`${path}.v`, shape)];
  const t = b.add(steps, one);
  const first = b.add(b.mul(beta1, m), b.mul(b.sub(one, beta1), g));
  const second = b.add(b.mul(beta2, v), b.mul(b.sub(one, beta2), b.square(g)));
  const mean = b.div(first, b.sub(one, b.pow(beta1, t)));
  const spread = b.sqrt(b.div(second, b.sub(one, b.pow(beta2, t))));
  return [
    { target: p, value: b.sub(p, b.mul(rate, b.div(mean, b.add(spread, epsilon)))) },
    { target: m, value: first },
    { target: v, value: second },
  ];
}

function fill(buffer: { length: number; [index: number]: number }, next: () => number): void {
  for (let i = 0; i < buffer.length; i++) buffer[i] = next();
}
