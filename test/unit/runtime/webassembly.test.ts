import assert from 'node:assert/strict';
import fc from 'fast-check';
import { constantDim } from '../../../src/graph/dimension';
import { RunError } from '../../../src/graph/evaluate';
import type { Graph } from '../../../src/graph/graph';
import type { Node } from '../../../src/graph/node';
import { countOf, equalShapes, knownShape, shapeOf } from '../../../src/graph/shape';
import type { DType, Shape } from '../../../src/graph/types';
import { comparisonOps } from '../../../src/ops/comparison';
import { elementwiseOps } from '../../../src/ops/elementwise';
import { compile, type Program, type ProgramRequest } from '../../../src/runtime/program';
import { randomGraph, recipes } from './randomGraph';
import { interpret } from './reference';
import { fresh, input } from './support';

type Feeds = ReadonlyMap<Node, { readonly data: readonly number[] }>;

/** The same program in both kinds of kernels, fed and not yet run. */
function both(request: Omit<ProgramRequest, 'sizes' | 'precision'>, feeds: Feeds): [Program, Program] {
  const made = (kernels: 'webassembly' | 'javascript'): Program => {
    const program = compile({ ...request, sizes: {}, precision: 32, kernels });
    for (const node of program.fed) program.buffer(node).set(feeds.get(node)!.data);
    return program;
  };
  return [made('webassembly'), made('javascript')];
}

function assertAgree([actual, wanted]: [Program, Program], nodes: readonly Node[], tolerance = 1e-5): void {
  for (const node of nodes) {
    const expected = wanted.buffer(node);
    const allowed = node.dtype === 'float' ? tolerance : 0;
    actual.buffer(node).forEach((x, i) => {
      const y = expected[i]!;
      const near = Object.is(x + 0, y + 0) || Math.abs(x - y) <= allowed * Math.max(1, Math.abs(y));
      assert.ok(near, `node ${node.id} (${node.op}) [${i}]: ${x}, not ${y}`);
    });
  }
}

/** Small whole numbers, whose sums and products are exact. */
const whole = (count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i * step) % 11) - 5);

/** Results that jump when an operand changes by a rounding. */
const JUMPING = new Set(['less', 'equal', 'greater_equal', 'floor', 'sign', 'argmax', 'argsort']);
const INEXACT = new Set(['tanh', 'sin', 'sigmoid', 'atan']);

/** Nodes that do not hang on how a rounding before a jump turned out. */
function comparable(graph: Graph): Node[] {
  const inexact = new Set<Node>();
  const unsure = new Set<Node>();
  for (const node of graph.nodes) {
    if (INEXACT.has(node.op) || node.inputs.some(input => inexact.has(input))) inexact.add(node);
    if (node.inputs.some(input => unsure.has(input) || (JUMPING.has(node.op) && inexact.has(input))))
      unsure.add(node);
  }
  return graph.nodes.filter(node => !unsure.has(node));
}

describe('WebAssembly kernels', () => {
  it('agree with JavaScript kernels on random graphs, fused or not, and repeat their bits', () => {
    let compiled = 0;
    fc.assert(
      fc.property(recipes, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (recipe, picks) => {
        const { graph, feeds } = randomGraph(recipe);
        const nodes = comparable(graph);
        const outputs = picks[0]! % 4 === 0 ? nodes : picks.map(pick => nodes[pick % nodes.length]!);
        const programs = both({ outputs }, feeds);
        for (const program of programs) program.run();
        compiled += programs[0].kernels!.webassembly;
        assertAgree(programs, outputs);
        const first = new Map(outputs.map(node => [node, programs[0].buffer(node).slice()]));
        programs[0].run();
        for (const node of outputs) assert.deepEqual(programs[0].buffer(node), first.get(node));
      }),
      { numRuns: 250 },
    );
    assert.ok(compiled > 1000, `${compiled} kernels`);
  });

  it('update leaves in place as JavaScript kernels do', () => {
    fc.assert(
      fc.property(recipes, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (recipe, picks) => {
        const { graph, feeds, leaves } = randomGraph(recipe);
        const nodes = comparable(graph);
        const pick = (i: number, among: readonly Node[]): Node => among[picks[i]! % among.length]!;
        const updates = leaves.slice(0, 3).map((target, i) => {
          const fitting = nodes.filter(n => n.dtype === target.dtype && equalShapes(n.shape, target.shape));
          return { target, value: pick(i, [...fitting.slice(-3), pick(i, fitting)]) };
        });
        const outputs = [pick(3, nodes), pick(4, nodes)];
        const programs = both({ outputs, updates }, feeds);
        for (const program of programs) program.run();
        assertAgree(programs, [...outputs, ...updates.map(({ target }) => target)]);
      }),
      { numRuns: 200 },
    );
  });

  it('update moments and parameters of many numbers as JavaScript kernels do, step by step', () => {
    for (const count of [4096, 5003]) {
      const b = fresh();
      const leaf = (name: string): Node => input(b, [count], 'float', name);
      const [p, g, m, v] = [leaf('p'), leaf('g'), leaf('m'), leaf('v')];
      const rate = input(b, [], 'float', 'rate');
      const mean = b.add(b.mul(b.constant(0.75), m), b.mul(b.constant(0.25), g));
      const variance = b.add(b.mul(b.constant(0.5), v), b.mul(b.constant(0.5), b.square(g)));
      const deviation = b.add(b.sqrt(variance), b.constant(0.125));
      const value = b.sub(p, b.div(b.mul(b.sqrt(rate), mean), deviation));
      const updates = [
        { target: m, value: mean },
        { target: v, value: variance },
        { target: p, value },
      ];
      const feeds = [p, g, m].map((node, i) => [node, { data: whole(count, 3 + i) }] as const);
      const positive = whole(count, 7).map(Math.abs);
      const programs = both(
        { outputs: [], updates },
        new Map([...feeds, [v, { data: positive }], [rate, { data: [4] }]]),
      );
      for (let step = 0; step < 3; step++) {
        for (const program of programs) program.run();
        assertAgree(programs, [m, v, p]);
      }
      assert.deepEqual(programs[0].kernels, { webassembly: 3, javascript: 0 });
    }
  });

  it('finish what another reads elsewhere before it is read, however many numbers there are', () => {
    const count = 5003;
    const b = fresh();
    const x = input(b, [count]);
    const shape = (size: number): Shape => shapeOf([size]);
    const at = (start: number, size: number, of: Node): Node =>
      b.slice(of, [constantDim(start)], [1], shape(size));
    const doubled = b.mul(x, b.constant(2));
    const backwards = b.slice(doubled, [constantDim(count - 1)], [-1], shape(count));
    const last = b.sum(at(count - 1, 1, doubled), [0]);
    const outputs = [
      doubled,
      last,
      b.add(backwards, x),
      b.add(x, last),
      b.sub(at(1, count - 1, doubled), at(0, count - 1, x)),
      b.mul(at(0, count - 1, doubled), at(1, count - 1, x)),
    ];
    const programs = both({ outputs }, new Map([[x, { data: whole(count, 3) }]]));
    for (const program of programs) program.run();
    assertAgree(programs, outputs, 0);
  });

  it('write state over what a neighbour still reads only after it has been read', () => {
    const count = 4099;
    const b = fresh();
    const [x, y] = [input(b, [count]), input(b, [count], 'float', 'y')];
    const turned = b.slice(x, [constantDim(count - 1)], [-1], shapeOf([count]));
    const updates = [
      { target: x, value: b.add(x, y) },
      { target: y, value: b.sub(y, turned) },
    ];
    const feeds = new Map([x, y].map((node, i) => [node, { data: whole(count, 3 + i) }]));
    const programs = both({ outputs: [], updates }, feeds);
    for (let step = 0; step < 2; step++) {
      for (const program of programs) program.run();
      assertAgree(programs, [x, y], 0);
    }
  });

  it('know every op at every kind of number, in whole vectors and beyond', () => {
    const values = [
      -40,
      -2.5,
      -1,
      -0.5,
      -0,
      0,
      1e-30,
      0.25,
      1,
      1.5,
      2.5,
      3,
      40,
      Infinity,
      -Infinity,
      Number.NaN,
    ];
    const elsewhere: string[] = [];
    for (const [name, op] of Object.entries({ ...elementwiseOps, ...comparisonOps })) {
      const arity = op.scalar!(['x', 'y', 'z'], { alpha: 1, dtype: 'int' } as never).match(/\b[xyz]\b/g)!;
      const columns = [...new Set(arity)].sort().map((_, k) =>
        // A number of pairs that is no multiple of four.
        values
          .flatMap((_v, i) => values.map((_w, j) => values[k === 0 ? i : (j * k) % values.length]!))
          .slice(1),
      );
      const dtypes: DType[] = ['float', 'int', 'bool'];
      for (const dtype of dtypes) {
        const takes = 'takes' in op ? op.takes : ['and', 'or', 'not'].includes(name) ? 'bool' : 'any';
        if (takes === 'float' && dtype !== 'float') continue;
        if (takes === 'number' && dtype === 'bool') continue;
        if (takes === 'bool' && dtype !== 'bool') continue;
        for (const to of name === 'cast' ? dtypes : [undefined]) {
          const b = fresh();
          const convert = (x: number): number =>
            dtype === 'float'
              ? x
              : dtype === 'int'
                ? Math.trunc(Math.max(-50, Math.min(50, x))) | 0
                : x > 0
                  ? 1
                  : 0;
          const leaves = columns.map((column, k) => {
            const own = name === 'where' && k === 0 ? 'bool' : dtype;
            return input(b, [column.length], own, `x${k}`);
          });
          const data = columns.map((column, k) => ({
            data: column.map(x => {
              if (leaves[k]!.dtype === 'bool') return Number(x > 0);
              // Whole numbers are never divided by 0.
              return /floor_divide|modulo/.test(name) && dtype === 'int' ? convert(x) || 3 : convert(x);
            }),
          }));
          const node = b.apply(name as never, leaves, to ? { dtype: to } : { alpha: 0.5 });
          const programs = both({ outputs: [node] }, new Map(leaves.map((leaf, k) => [leaf, data[k]!])));
          for (const program of programs) program.run();
          assertAgree(programs, [node]);
          if (programs[0].kernels!.javascript > 0) elsewhere.push(`${name} of ${dtype}`);
        }
      }
    }
    // Remainders need a division that rounds down, and a float beyond 32 bits wraps around as an int.
    assert.deepEqual(
      elsewhere,
      ['floor_divide of int', 'modulo of int'],
      'there is no vector division of ints',
    );
  });

  it('give an element the same bits whatever stands beside it', () => {
    const names = [
      'exp',
      'log',
      'log1p',
      'sqrt',
      'sin',
      'cos',
      'tan',
      'atan',
      'tanh',
      'sigmoid',
      'softplus',
      'elu',
      'erf',
    ];
    const b = fresh();
    const [x, p] = [input(b, [400]), input(b, [400], 'float', 'p')];
    const outputs = [
      ...names.map(name => b.apply(name as never, [x], { alpha: 0.5 })),
      ...['pow', 'xlogy', 'floor_divide', 'modulo'].map(name => b.apply(name as never, [x, p])),
    ];
    const program = compile({ outputs, sizes: {}, precision: 32 });
    const number = (i: number): number => (((i * 7919) % 1009) / 1009) * (i % 3 ? 4 : 40) * (i % 5 ? 1 : -1);
    const run = (beside: number): number[][] => {
      program.buffer(x).set(Array.from({ length: 400 }, (_, i) => (i % 4 === 3 ? beside : number(i))));
      program.buffer(p).set(Array.from({ length: 400 }, (_, i) => (i % 4 === 3 ? beside : number(i + 100))));
      program.run();
      return outputs.map(node => [...program.buffer(node)].filter((_, i) => i % 4 !== 3));
    };
    const wanted = run(1);
    for (const beside of [0, -1, 1e-40, 1e30, -1e30, 120, Infinity, -Infinity, Number.NaN]) {
      run(beside).forEach((values, i) => {
        assert.deepEqual(values, wanted[i], `${outputs[i]!.op} beside ${beside}`);
      });
    }
  });

  it('reduce along any axes of any sizes', () => {
    const size = fc.constantFrom(1, 2, 3, 4, 5, 8, 9, 17, 33);
    const shapes = fc.array(size, { minLength: 1, maxLength: 4 });
    const cases = fc.constantFrom<[string, DType]>(
      ...(['sum', 'max', 'min', 'prod', 'norm'].map(op => [op, 'float']) as [string, DType][]),
      ...(['sum', 'max', 'min', 'prod'].map(op => [op, 'int']) as [string, DType][]),
      ...(['sum', 'max', 'min', 'all', 'any'].map(op => [op, 'bool']) as [string, DType][]),
    );
    fc.assert(
      fc.property(shapes, fc.nat(15), cases, fc.nat(30), (shape, bits, [op, dtype], odd) => {
        const axes = shape.map((_, axis) => axis).filter(axis => (bits >> axis) & 1);
        fc.pre(axes.length > 0);
        const b = fresh();
        const x = input(b, shape, dtype);
        const own = b.apply(op as never, [x], { axes });
        // Alone, and with work before and after it in the same kernel.
        const outputs =
          dtype === 'float' ? [own, b.neg(b.apply(op as never, [b.add(x, x)], { axes }))] : [own];
        const data = whole(countOf(shape), 3).map(v =>
          dtype === 'bool' ? Number(v !== odd % 11) : op === 'prod' ? Math.sign(v) || 1 : v,
        );
        const programs = both({ outputs }, new Map([[x, { data }]]));
        for (const program of programs) program.run();
        assert.equal(programs[0].kernels!.javascript, 0);
        assertAgree(programs, outputs);
      }),
      { numRuns: 250 },
    );
  });

  it('let NaN and infinities through sums, products and extremes', () => {
    for (const special of [Number.NaN, Infinity, -Infinity]) {
      for (const axes of [[0], [1], [0, 1]]) {
        const b = fresh();
        const [x, w] = [input(b, [7, 9]), input(b, [9, 6], 'float', 'w')];
        const reduced = ['sum', 'max', 'min', 'prod', 'norm'].map(op => b.apply(op as never, [x], { axes }));
        const outputs = [...reduced, b.contract(x, w, 'ik', 'kj', 'ij')];
        const data = Array.from({ length: 63 }, (_, i) => (i === 31 ? special : 1 + (i % 2)));
        const feeds = new Map([
          [x, { data }],
          [w, { data: whole(54, 3) }],
        ]);
        const programs = both({ outputs }, feeds);
        for (const program of programs) program.run();
        assertAgree(programs, outputs);
      }
    }
  });

  it('convolve, whatever the stride, dilation and sizes, and so do the gradients', () => {
    const record = fc.record({
      n: fc.constantFrom(1, 3),
      c: fc.constantFrom(1, 2, 5),
      o: fc.constantFrom(1, 4, 7),
      size: fc.integer({ min: 5, max: 14 }),
      kernel: fc.constantFrom(1, 2, 3),
      stride: fc.constantFrom(1, 2),
      dilation: fc.constantFrom(1, 2),
    });
    fc.assert(
      fc.property(record, ({ n, c, o, size, kernel, stride, dilation }) => {
        const b = fresh();
        const [x, w] = [input(b, [n, c, size, size]), input(b, [o, c, kernel, kernel], 'float', 'w')];
        const two = (k: number): number[] => [k, k];
        const window = { kernel: two(kernel), stride: two(stride), dilation: two(dilation) };
        const windows = b.window(x, window);
        const y = b.contract(windows, w, 'ncyxuv', 'ocuv', 'noyx');
        const g = input(b, knownShape(y.shape)!, 'float', 'g');
        const dw = b.contract(windows, g, 'ncyxuv', 'noyx', 'ocuv');
        const dx = b.apply('unwindow', [b.contract(g, w, 'noyx', 'ocuv', 'ncyxuv')], {
          ...window,
          shape: x.shape,
        });
        const leaves = [x, w, g];
        const feeds = new Map(
          leaves.map((leaf, k) => [leaf, { data: whole(countOf(knownShape(leaf.shape)!), k + 3) }]),
        );
        // Without a border on three sides, as where the image was padded.
        const zero = constantDim(0);
        const inner = b.slice(
          dx,
          [zero, zero, constantDim(1), constantDim(2)],
          [1, 1, 1, 1],
          shapeOf([n, c, size - 2, size - 2]),
        );
        const programs = both({ outputs: [b.relu(y), dw, dx] }, feeds);
        const cropped = both({ outputs: [inner] }, feeds);
        for (const program of [...programs, ...cropped]) program.run();
        assertAgree(programs, [dw, dx], 0);
        assertAgree(cropped, [inner], 0);
        // Both kinds of kernels compute gradients as convolutions; the plain evaluation adds windows up.
        const shaped = new Map(
          leaves.map(leaf => [leaf, { shape: knownShape(leaf.shape)!, data: feeds.get(leaf)!.data }]),
        );
        const everything = interpret([dx], shaped, {}).get(dx)!.data;
        assert.deepEqual(
          [...programs[0].buffer(dx)],
          everything.map(v => v + 0),
        );
        cropped[0].buffer(inner).forEach((v, i) => {
          const [row, column] = [Math.floor(i / (size - 2)) % (size - 2), i % (size - 2)];
          const image = Math.floor(i / (size - 2) ** 2);
          assert.equal(v, everything[(image * size + row + 1) * size + column + 2]);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('multiply matrices beyond the nearest cache, in every orientation and in stacks', () => {
    const forms = ['ik,kj,ij', 'ki,kj,ij', 'ik,jk,ij', 'ki,jk,ij', 'ik,kj,ji', 'bik,bkj,bij', 'bik,kj,bij'];
    for (const [m, k, n] of [
      [37, 130, 67],
      [33, 1500, 9],
      [64, 64, 128],
    ] as const) {
      for (const form of forms) {
        const [left, right, out] = form.split(',') as [string, string, string];
        const sizes: Readonly<Record<string, number>> = { i: m, k, j: n, b: 2 };
        const b = fresh();
        const leaves = [left, right].map((own, i) =>
          input(
            b,
            [...own].map(label => sizes[label]!),
            'float',
            `x${i}`,
          ),
        );
        const y = b.contract(leaves[0]!, leaves[1]!, left, right, out);
        const feeds = new Map(
          leaves.map((leaf, i) => [leaf, { data: whole(countOf(knownShape(leaf.shape)!), i + 3) }]),
        );
        const programs = both({ outputs: [y] }, feeds);
        for (const program of programs) program.run();
        assertAgree(programs, [y], 0);
      }
    }
  });

  it('sum a million numbers to the last digits', () => {
    const b = fresh();
    const x = input(b, [1000, 1000]);
    const ones = input(b, [1000, 1000], 'float', 'ones');
    const outputs = [
      b.sumAll(x),
      b.sum(x, [0]),
      b.contract(x, ones, 'ij', 'ij', ''),
      b.sum(b.reshape(x, shapeOf([1_000_000])), [0]),
    ];
    const program = compile({ outputs, sizes: {}, precision: 32 });
    program.buffer(x).fill(0.1);
    program.buffer(ones).fill(1);
    program.run();
    assert.equal(program.kernels!.javascript, 0);
    const single = Math.fround(0.1);
    outputs.forEach((node, i) => {
      const wanted = single * (i === 1 ? 1000 : 1_000_000);
      const error = Math.abs(program.buffer(node)[0]! / wanted - 1);
      assert.ok(error < 1e-5, `output ${i} is off by ${error}`);
    });
  });

  it('leave to JavaScript what stops a run, and numbers beyond 32 bits', () => {
    const b = fresh();
    const [x, p] = [input(b, [5, 3]), input(b, [6], 'int', 'p')];
    const place = b.apply('position', [p], { size: constantDim(5), wrap: true, what: 'index' });
    const y = b.mul(b.gather(b.mul(x, b.constant(2)), place, 0), b.constant(3));
    const program = compile({ outputs: [y], sizes: {}, precision: 32 });
    assert.equal(program.kernels!.javascript, 0);
    program.buffer(x).set(whole(15, 3));
    const set = (positions: number[]): void => program.buffer(p).set(positions);
    set([0, -1, 4, 2, -5, 1]);
    program.run();
    const wanted = [0, 4, 4, 2, 0, 1].flatMap(row =>
      whole(15, 3)
        .slice(row * 3, row * 3 + 3)
        .map(v => v * 6),
    );
    assert.deepEqual([...program.buffer(y)], wanted);
    set([0, 1, 2, 3, 5, 1]);
    assert.throws(
      () => program.run(),
      (error: unknown) =>
        error instanceof RunError && error.node === place && /index 5 is out of range/.test(error.message),
    );
    set([0, -1, 4, 2, -5, 1]);
    program.run();
    assert.deepEqual([...program.buffer(y)], wanted, 'it goes on after a failure');

    // In place there is nothing to do over: the number in the message is the one that was there.
    const after = b.add(place, b.constant(1, 'int'));
    const updating = compile({
      outputs: [],
      updates: [{ target: p, value: after }],
      sizes: {},
      precision: 32,
    });
    updating.buffer(p).set([-1, 0, 7, 1, 1, 1]);
    assert.throws(() => updating.run(), /index 7 is out of range/);

    const floats = input(b, [7], 'float', 'floats');
    const next = b.add(b.cast(floats, 'int'), b.constant(1, 'int'));
    const feeds = new Map([
      [floats, { data: [1.7, -1.7, 2 ** 31, -(2 ** 40) - 2 ** 20, Number.NaN, Infinity, -3] }],
    ]);
    const programs = both({ outputs: [next] }, feeds);
    for (const one of programs) one.run();
    assertAgree(programs, [next]);
  });

  it('find positions, gather, scatter and run along axes of any sizes', () => {
    const size = fc.constantFrom(1, 2, 3, 5, 8, 13);
    const shapes = fc.array(size, { minLength: 1, maxLength: 3 });
    const dtypes = fc.constantFrom<DType>('float', 'int');
    fc.assert(
      fc.property(shapes, fc.nat(2), dtypes, fc.boolean(), (shape, where, dtype, reverse) => {
        const axis = where % shape.length;
        const b = fresh();
        const x = input(b, shape, dtype);
        const positions = input(b, [shape[axis]! + 2], 'int', 'p');
        const taken = b.gather(x, positions, axis);
        const outputs = [
          b.apply('argmax', [x], { axis }),
          b.apply('argmin', [x], { axis }),
          taken,
          b.scatterAdd(taken, positions, axis, constantDim(shape[axis]!)),
          b.apply('cumsum', [x], { axis, reverse }),
          ...(dtype === 'float'
            ? [
                b.apply(
                  'recurrence',
                  [b.constant(0.5), x].map(v => b.broadcastTo(v, x.shape)),
                  { axis, reverse },
                ),
              ]
            : []),
        ];
        const feeds = new Map([
          [x, { data: whole(countOf(shape), 3) }],
          [positions, { data: Array.from({ length: shape[axis]! + 2 }, (_, i) => (i * 5) % shape[axis]!) }],
        ]);
        const programs = both({ outputs }, feeds);
        for (const program of programs) program.run();
        assert.equal(programs[0].kernels!.javascript, 0);
        assertAgree(programs, outputs);
      }),
      { numRuns: 150 },
    );
  });

  it('of one form share a function, wherever their operands lie', () => {
    const b = fresh();
    const [x, w] = [input(b, [3, 5]), input(b, [5, 5], 'float', 'w')];
    const states = [input(b, [3, 5], 'float', 'h')];
    for (let step = 0; step < 9; step++) {
      const carried = b.contract(states.at(-1)!, w, 'ni', 'io', 'no');
      states.push(b.tanh(b.add(carried, step % 2 ? x : b.neg(x))));
    }
    const outputs = [states.at(-1)!, states[4]!, b.concat(states.slice(1, 7), 1)];
    const feeds = new Map([
      [x, { data: whole(15, 3).map(v => v / 8) }],
      [w, { data: whole(25, 4).map(v => v / 8) }],
      [states[0]!, { data: whole(15, 7).map(v => v / 8) }],
    ]);
    const programs = both({ outputs }, feeds);
    for (const program of programs) program.run();
    assertAgree(programs, outputs);
  });

  it('share a program with kernels in JavaScript, in order and over the same buffers', () => {
    const b = fresh();
    const x = input(b, [3, 5]);
    const order = b.apply('argsort', [b.add(x, b.constant(1))], { axis: 1 });
    const y = b.mul(order, b.constant(2, 'int'));
    const programs = both({ outputs: [y] }, new Map([[x, { data: whole(15, 3) }]]));
    for (const program of programs) program.run();
    assert.deepEqual(programs[0].kernels, { webassembly: 2, javascript: 1 });
    assertAgree(programs, [y], 0);
  });
});
