import type { Node } from '../graph/node';
import { scalarConstant } from '../ops/constant';
import { definitionOf } from '../ops/registry';

/** How tightly an expression holds together; an operand that holds less tightly is put in parentheses. */
const Binding = {
  choice: 0,
  logic: 1,
  comparison: 2,
  sum: 3,
  product: 4,
  sign: 5,
  power: 6,
  atom: 7,
} as const;

interface Text {
  readonly text: string;
  readonly binding: number;
}

/**
 * A node as a formula for reading: names where nodes have them, broadcasts and casts left out, squares as x². Not
 * meant to be parsed.
 */
export function printExpression(node: Node, named: ReadonlyMap<Node, string>): string {
  return printTree(node, named).text;
}

export function printNumber(value: number): string {
  if (Math.abs(value) === 0.5) return value < 0 ? '-1/2' : '1/2';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

const atom = (text: string): Text => ({ text, binding: Binding.atom });

const infix: Readonly<Record<string, readonly [sign: string, binding: number]>> = {
  add: [' + ', Binding.sum],
  sub: [' - ', Binding.sum],
  mul: [' · ', Binding.product],
  div: [' / ', Binding.product],
  equal: [' = ', Binding.comparison],
  not_equal: [' ≠ ', Binding.comparison],
  less: [' < ', Binding.comparison],
  less_equal: [' ≤ ', Binding.comparison],
  greater: [' > ', Binding.comparison],
  greater_equal: [' ≥ ', Binding.comparison],
  and: [' and ', Binding.logic],
  or: [' or ', Binding.logic],
};

function printTree(node: Node, named: ReadonlyMap<Node, string>): Text {
  const name = named.get(node);
  if (name !== undefined) return atom(name);
  const constant = scalarConstant(node);
  if (constant !== undefined) {
    return constant < 0
      ? { text: printNumber(constant), binding: Binding.sign }
      : atom(printNumber(constant));
  }
  const operand = (i: number, least: number): string => {
    const { text, binding } = printTree(node.inputs[i]!, named);
    return binding < least ? `(${text})` : text;
  };
  const operator = infix[node.op];
  if (operator) {
    const [sign, binding] = operator;
    // `a - (b + c)`, `a / (b * c)`; on the left, equal binding needs none.
    return { text: `${operand(0, binding)}${sign}${operand(1, binding + 1)}`, binding };
  }
  switch (node.op) {
    case 'broadcast':
    case 'reshape':
    case 'cast':
      return printTree(node.inputs[0]!, named);
    case 'neg':
      return { text: `-${operand(0, Binding.product)}`, binding: Binding.sign };
    case 'not':
      return { text: `not ${operand(0, Binding.comparison + 1)}`, binding: Binding.logic };
    case 'square':
      return { text: `${operand(0, Binding.atom)}²`, binding: Binding.power };
    case 'pow':
      return { text: `${operand(0, Binding.atom)}^${operand(1, Binding.atom)}`, binding: Binding.power };
    case 'floor_divide':
      return atom(`⌊${operand(0, Binding.product)} / ${operand(1, Binding.power)}⌋`);
    case 'where':
      return printChoice(node, named);
    case 'contract': {
      const sign = nameOfFunction(node);
      // `@` between its operands; `dot` and `outer` are written as functions.
      if (/^\p{L}/u.test(sign)) break;
      const text = `${operand(0, Binding.product)} ${sign} ${operand(1, Binding.product + 1)}`;
      return { text, binding: Binding.product };
    }
  }
  return atom(
    `${nameOfFunction(node)}(${node.inputs.map(input => printTree(input, named).text).join(', ')})`,
  );
}

/** A choice between an operand and a number only keeps the formula finite where it is not used: the operand stands for it. */
function printChoice(node: Node, named: ReadonlyMap<Node, string>): Text {
  const [condition, a, b] = node.inputs as readonly [Node, Node, Node];
  for (const [value, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const name = nameThroughBroadcast(value, named);
    if (name !== undefined && scalarConstant(other) !== undefined) return atom(name);
  }
  const [test, yes, no] = [condition, a, b].map(input => printTree(input, named).text);
  return { text: `${yes} if ${test}, else ${no}`, binding: Binding.choice };
}

function nameThroughBroadcast(node: Node, named: ReadonlyMap<Node, string>): string | undefined {
  const name = named.get(node);
  if (name !== undefined) return name;
  return node.op === 'broadcast' || node.op === 'reshape'
    ? nameThroughBroadcast(node.inputs[0]!, named)
    : undefined;
}

function nameOfFunction(node: Node): string {
  return definitionOf(node.op).sign?.(node.attributes) ?? node.op;
}
