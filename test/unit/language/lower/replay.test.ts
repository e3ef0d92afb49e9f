import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { type Adjoints, reverse } from '../../../../src/autodiff/reverse';
import { DataCache } from '../../../../src/data/cache';
import { type Group, groupPath, type Node } from '../../../../src/graph/node';
import { printNode } from '../../../../src/graph/print';
import { type AnalyzedModel, analyze } from '../../../../src/language/analyze';
import type { Lowering } from '../../../../src/language/lower/replay';
import { Source } from '../../../../src/language/source';
import { analyzeText } from '../../../../src/language/text';
import { DerivationBuilder } from '../../../../src/ops/derivationBuilder';
import { evaluate } from '../../../../src/runtime/evaluate';

const examples = path.resolve(__dirname, '../../../../examples');

const models = ['', 'course']
  .flatMap(folder =>
    fs.readdirSync(path.join(examples, folder)).map(name => path.join(examples, folder, name)),
  )
  .filter(file => file.endsWith('.nabla'));

const data = new DataCache();

async function lowered(file: string, text: string, before?: Lowering): Promise<AnalyzedModel> {
  const source = new Source(file, text);
  const options = {
    data,
    evaluate,
    folder: path.dirname(file),
    trusted: true,
    ...(before ? { before } : {}),
  };
  return analyze(source, analyzeText(source).file, options);
}

/** All that a model says, as text. */
function described({ model, diagnostics }: AnalyzedModel): string[] {
  const group = (g: Group): string => `${g.id} ${g.kind} ${g.label} ${g.span.start}-${g.span.end}`;
  const node = (n: Node): string => {
    const { span, group: own } = n.provenance;
    return `${printNode(n)} at ${span?.start}-${span?.end} in ${groupPath(own).map(group).join(' > ')}`;
  };
  const replacer = (_: string, value: unknown): unknown =>
    isNode(value) ? `%${value.id}` : value instanceof Map ? [...value] : value;
  const { names, inputs, parameters, buffers, checks, trainings, objective, sizes, batch, skipped } = model;
  const rest = { names, inputs, parameters, buffers, checks, trainings, objective, sizes, batch, skipped };
  const found = { diagnostics, modal: model.modal, conditions: model.conditions, branches: model.branches };
  return [
    ...model.builder.graph.nodes.map(node),
    `${model.builder.graph.groups} groups`,
    ...model.builder.graph.constraints.map(({ message, span }) => `${message} ${span?.start}`),
    ...Object.entries({ ...rest, ...found }).map(
      ([key, value]) => `${key} ${JSON.stringify(value, replacer)}`,
    ),
  ];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'provenance' in value && 'inputs' in value;
}

interface Derived {
  readonly lowering: Lowering;
  readonly nodes: readonly Node[];
  /** How many of them the text has made. */
  readonly written: number;
  readonly adjoints: Adjoints | undefined;
}

function derived({ model, lowering, descent }: AnalyzedModel, before?: Derived): Derived {
  const { graph } = model.builder;
  const objective = model.objective?.node;
  const written = graph.nodes.length;
  const from = before?.adjoints;
  const isSame = from && descent && descent.after[from.objective.id] === objective;
  const options = isSame ? { before: { record: from.record, descent } } : {};
  const adjoints = objective && reverse(new DerivationBuilder(graph), objective, options);
  return { lowering, nodes: graph.nodes, written, adjoints };
}

/** The gradient of every node as a formula, in short; in which order its parts were made does not matter. */
function gradients({ nodes, written, adjoints }: Derived): (string | undefined)[] {
  const known = new Map<Node, string>();
  const formula = (node: Node): string => {
    if (node.id < written) return `%${node.id}`;
    let short = known.get(node);
    if (short === undefined) {
      const { op, inputs, attributes, dtype, shape, provenance } = node;
      const type = `${dtype}[${shape.map(dim => dim.key)}]`;
      // Numbers are shared by all who need them.
      const isNumber = op === 'constant' || (op === 'broadcast' && inputs[0]!.op === 'constant');
      const { derivation, span } = provenance;
      assert.ok(derivation.kind === 'adjoint');
      const place = isNumber ? '' : `${derivation.of.id} ${span?.start}`;
      const long = `${op}(${inputs.map(formula)}) ${JSON.stringify(attributes)} ${type} ${place}`;
      known.set(node, (short = createHash('sha1').update(long).digest('hex')));
    }
    return short;
  };
  return nodes.slice(0, written).map(node => {
    const adjoint = adjoints?.of(node);
    return adjoint && formula(adjoint);
  });
}

const functions = ['tanh', 'relu', 'sigmoid', 'exp', 'softmax', 'dense', 'mean', 'sum'];
const numbers = ['0', '1', '2', '0.5', '3', '10', '1e-3', '16'];

/** The text with one small change, at the place and of the kind that two numbers choose. */
function edited(text: string, kind: number, at: number): string {
  const replaced = (pattern: RegExp, by: string): string => {
    const places = [...text.matchAll(pattern)];
    const place = places[at % Math.max(1, places.length)];
    if (!place) return text;
    return text.slice(0, place.index) + by + text.slice(place.index + place[0].length);
  };
  const ends = [...text.matchAll(/$/gm)].map(({ index }) => index);
  const end = ends[at % ends.length]!;
  switch (kind % 8) {
    case 0:
    case 1:
      return replaced(/(?<![\w."])\d+(\.\d+)?(e-?\d+)?(?![\w."])/g, numbers[at % numbers.length]!);
    case 2:
      return replaced(
        new RegExp(`\\b(${functions.join('|')})(?=\\()`, 'g'),
        functions[at % functions.length]!,
      );
    case 3:
      return replaced(/(?<=^\w+ *= *)(?=\S)/gm, '0.5 * ');
    case 4:
      return replaced(/ [-+*] /g, at % 2 === 0 ? ' + ' : ' * ');
    case 5: {
      // Half a word, or an open parenthesis: what stands there while somebody types.
      const lost = Math.floor((at / 200) * text.length);
      return text.slice(0, lost) + text.slice(lost + 1);
    }
    case 6:
      return `${text.slice(0, end)}  # a remark${text.slice(end)}`;
    default:
      return `${text.slice(0, end)}\n\n${text.slice(end)}`;
  }
}

describe('lowering after an edit', () => {
  it('gives the model that lowering the text anew gives, for every example', async function () {
    this.timeout(120_000);
    const edits = fc.array(fc.tuple(fc.nat(7), fc.nat(200)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...models), edits, async (file, sequence) => {
        let text = fs.readFileSync(file, 'utf8');
        let before = (await lowered(file, text)).lowering;
        for (const [kind, at] of sequence) {
          text = edited(text, kind, at);
          const after = await lowered(file, text, before);
          assert.deepEqual(described(after), described(await lowered(file, text)), text);
          before = after.lowering;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('and derives it to the same gradients', async function () {
    this.timeout(120_000);
    const edits = fc.array(fc.tuple(fc.nat(5), fc.nat(200)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...models), edits, async (file, sequence) => {
        let text = fs.readFileSync(file, 'utf8');
        let before = derived(await lowered(file, text));
        for (const [kind, at] of sequence) {
          text = edited(text, kind, at);
          const after = derived(await lowered(file, text, before.lowering), before);
          assert.deepEqual(gradients(after), gradients(derived(await lowered(file, text))), text);
          before = after;
        }
      }),
      { numRuns: 100 },
    );
  });

  const model = [
    'input x : [3, 2] = [[1, 2], [3, -4], [0.5, 0.25]]',
    'k = 2',
    'fn scaled(a) {',
    '  return k * a',
    '}',
    'h = tanh(dense(x, 4))',
    'g = scaled(h) + sum(h.W ** 2)',
    'p = sigmoid(dense(h, 3))',
    'loss = mean(p) + l2() + mean(g)',
  ].join('\n');

  /** How many nodes of a model are copies after an edit, and how many are not. */
  async function copies(from: string, to: string): Promise<[copied: number, made: number]> {
    const { lowering } = await lowered('/m.nabla', model);
    const { model: after, descent } = await lowered('/m.nabla', model.replace(from, to), lowering);
    const copied = new Set(descent?.after.filter(node => node !== undefined)).size;
    return [copied, after.builder.graph.nodes.length - copied];
  }

  it('copies what an edit has left alone', async () => {
    const total = (await copies('x', 'x'))[0];
    const [copied, made] = await copies('mean(g)', 'sum(g)');
    assert.ok(copied >= total / 2, `${copied} of ${total}`);
    assert.ok(made > 0);
  });

  it('lowers anew what reads a number that lowering may have looked at, in functions too', async () => {
    const [, made] = await copies('k = 2', 'k = 3');
    const [, without] = await copies('mean(p)', 'sum(p)');
    assert.ok(made > 0 && without > 0);
    const { lowering } = await lowered('/m.nabla', model);
    const text = model.replace('k = 2', 'k = 3');
    assert.deepEqual(
      described(await lowered('/m.nabla', text, lowering)),
      described(await lowered('/m.nabla', text)),
    );
  });

  it('copies nothing after an edit of a function, or of what owns parameters', async () => {
    assert.equal((await copies('k * a', 'k * a * a'))[0], 0);
    const [copied] = await copies('dense(h, 3)', 'dense(h, 5)');
    const [all] = await copies('mean(p)', 'sum(p)');
    assert.ok(copied < all);
  });
});
