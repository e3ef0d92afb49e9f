import { addDims, constantDim, constantValue, type Dim, multiplyDims } from '../graph/dimension';
import type { Node } from '../graph/node';
import type { Builder } from '../ops/builder';
import type { Call, Implementation } from './call';
import { matrixProduct } from './linearAlgebra';
import { stack } from './shapes';

/** What a recurrent layer carries from step to step: `h`, and the cell of an LSTM. */
type State = readonly Node[];

interface Recurrence {
  readonly b: Builder;
  readonly x: Node;
  readonly units: Dim;
  readonly inputs: Dim;
  readonly lengths: Node | undefined;
  readonly steps: number;
}

function read(call: Call): Recurrence {
  const { b } = call;
  const x = b.toFloat(call.node('x'));
  if (x.shape.length !== 3) {
    call.fail('rank', `${call.name} takes sequences [N, T, D]; ${call.describe('x')}`, 'x');
  }
  const steps = constantValue(x.shape[1]!);
  if (steps === undefined) {
    const reason = 'the layer is unrolled over T, which must be known before running';
    return call.fail('shape-unknown', `${reason}; ${call.describe('x')}`, 'x');
  }
  if (steps === 0)
    call.fail('shape-mismatch', `a sequence has at least one step; ${call.describe('x')}`, 'x');
  return { b, x, units: call.size('units'), inputs: x.shape[2]!, lengths: readLengths(call, steps), steps };
}

/** From 0 to T; a longer one fails the run. */
function readLengths(call: Call, steps: number): Node | undefined {
  const lengths = call.optionalNode('lengths');
  if (!lengths) return undefined;
  if (lengths.shape.length !== 1 || lengths.dtype === 'bool') {
    call.fail('rank', `lengths are one whole number a row, [N]; ${call.describe('lengths')}`, 'lengths');
  }
  const size = constantDim(steps + 1);
  return call.b.apply('position', [lengths], { size, wrap: false, what: 'length' });
}

/** The state before the first step, zeros unless given. */
function initialState(call: Call, { b, x, units }: Recurrence, parameter: string): Node {
  const shape = [x.shape[0]!, units];
  const given = call.word(parameter) === 'zeros' ? undefined : call.optionalNode(parameter);
  return given ? b.broadcastTo(b.toFloat(given), shape) : b.zeros(shape);
}

/**
 * Runs `step` from the first to the last element of the sequence, each a turn of the graph, and stacks the states of
 * each kind to `[N, T, units]`. Steps past a row's length keep its state.
 */
function unroll(
  { b, x, units, lengths, steps }: Recurrence,
  start: State,
  step: (x: Node, state: State) => State,
): readonly Node[] {
  const [rows, , inputs] = x.shape as [Dim, Dim, Dim];
  const sequences: Node[][] = start.map(() => []);
  let state = start;
  for (let t = 0; t < steps; t++) {
    state = b.inGroup('turn', `t = ${t}`, () => {
      const place = [0, t, 0].map(constantDim);
      const present = b.slice(x, place, [1, 1, 1], [rows, constantDim(1), inputs]);
      const next = step(b.reshape(present, [rows, inputs]), state);
      if (!lengths) return next;
      const running = b.broadcast(b.greater(lengths, b.constant(t, 'int')), [rows, units], [1]);
      return next.map((value, i) => b.where(running, value, state[i]!));
    });
    state.forEach((value, i) => {
      sequences[i]!.push(value);
    });
  }
  return sequences.map(sequence => stack(b, sequence, 1));
}

/** x @ W + b */
function affine(b: Builder, x: Node, weights: Node, bias: Node): Node {
  return b.add(matrixProduct(b, x, weights), bias);
}

const zeros = { kind: 'constant', value: 0 } as const;
const xavier = { kind: 'xavier' } as const;

/** h = tanh([h, x] @ W + b) with W : [units + D, units]. */
function rnn(call: Call): Node {
  const layer = read(call);
  const { b, units, inputs } = layer;
  const weights = call.parameter('W', [addDims(units, inputs), units], xavier);
  const bias = call.parameter('b', [units], zeros);
  const [h] = unroll(layer, [initialState(call, layer, 'h0')], (x, [before]) => [
    b.tanh(affine(b, b.concat([before!, x], 1), weights, bias)),
  ]);
  return h!;
}

/**
 * S. Hochreiter, J. Schmidhuber, 1997, with the forget gate of F. Gers et al., 2000: i, f, o = sigmoid and g = tanh of
 * the parts of [h, x] @ W + b, c = f * c + i * g, h = o * tanh(c), with W : [units + D, 4 * units].
 */
function lstm(call: Call): Node {
  const layer = read(call);
  const { b, x, units, inputs } = layer;
  const width = multiplyDims(units, constantDim(4));
  const weights = call.parameter('W', [addDims(units, inputs), width], xavier);
  const bias = call.parameter('b', [width], zeros);
  const part = (gates: Node, i: number): Node => {
    const start = [constantDim(0), multiplyDims(units, constantDim(i))];
    return b.slice(gates, start, [1, 1], [x.shape[0]!, units]);
  };
  const start = ['h0', 'c0'].map(name => initialState(call, layer, name));
  const [h, c] = unroll(layer, start, (input, [before, cell]) => {
    const gates = affine(b, b.concat([before!, input], 1), weights, bias);
    const [i, f, o] = [0, 1, 2].map(n => b.sigmoid(part(gates, n))) as [Node, Node, Node];
    const g = b.tanh(part(gates, 3));
    const next = b.add(b.mul(f, cell!), b.mul(i, g));
    return [b.mul(o, b.tanh(next)), next];
  });
  call.output('c', c!);
  return h!;
}

/**
 * K. Cho et al., 2014: z = sigmoid(x @ Wz + h @ Uz + bz), r = sigmoid(x @ Wr + h @ Ur + br),
 * h = (1 - z) * h + z * tanh(x @ Wh + (r * h) @ Uh + bh).
 */
function gru(call: Call): Node {
  const layer = read(call);
  const { b, units, inputs } = layer;
  const gate = (name: string): ((x: Node, h: Node) => Node) => {
    const own = call.parameter(`W${name}`, [inputs, units], xavier);
    const recurrent = call.parameter(`U${name}`, [units, units], xavier);
    const bias = call.parameter(`b${name}`, [units], zeros);
    return (x, h) => affine(b, x, own, b.add(matrixProduct(b, h, recurrent), bias));
  };
  const [update, reset, candidate] = ['z', 'r', 'h'].map(gate) as [
    ReturnType<typeof gate>,
    ReturnType<typeof gate>,
    ReturnType<typeof gate>,
  ];
  const [h] = unroll(layer, [initialState(call, layer, 'h0')], (x, state) => {
    const before = state[0]!;
    const z = b.sigmoid(update(x, before));
    const r = b.sigmoid(reset(x, before));
    const proposed = b.tanh(candidate(x, b.mul(r, before)));
    return [b.add(b.mul(b.sub(b.constant(1), z), before), b.mul(z, proposed))];
  });
  return h!;
}

export const recurrentLayers: Readonly<Record<string, Implementation>> = { rnn, lstm, gru };
