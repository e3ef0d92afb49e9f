import { ancestors } from '../../graph/graph';
import type { Node } from '../../graph/node';
import { printShape } from '../../graph/shape';
import { schedules } from '../../library/schedules';
import type { Signature } from '../../library/signature';
import { signature } from '../../library/signatures';
import type { CallExpression, Entry } from '../ast';
import { modelError } from '../diagnostic';
import type { Schedule, Training } from '../model';
import { bindArguments } from './arguments';
import type { Context } from './context';
import { lowerExpression } from './expressions';
import { knownNumber } from './sizes';

/** `schedule = cosine(1000)`, or a scalar expression of `k`, the updates made so far. */
export function lowerSchedule(
  context: Context,
  entry: Entry,
  { name, settings }: Training['optimizer'],
): Schedule {
  const { builder } = context;
  const { value, span } = entry;
  if (!('lr' in settings)) {
    throw modelError('key-conflict', span, `${name} has no learning rate that a schedule could multiply`);
  }
  const k = context.at(span, () => builder.apply('input', [], { name: 'k', shape: [], dtype: 'float' }));
  const shown = value.kind === 'call' ? signature(value.callee.name, 'schedule') : undefined;
  if (value.kind === 'call' && shown) {
    const numbers = readNumbers(context, value, shown);
    return { k, factor: context.at(span, () => schedules[shown.name]!(builder, k, numbers)) };
  }
  const before = context.meanings.get('k');
  context.meanings.set('k', { kind: 'node', node: k, line: context.line(span) });
  let factor: Node;
  try {
    factor = builder.toFloat(lowerExpression(context, value));
  } finally {
    if (before) context.meanings.set('k', before);
    else context.meanings.delete('k');
  }
  const text = `\`${context.snippet(value.span)}\``;
  if (factor.shape.length > 0) {
    const message = `${text} has shape ${printShape(factor.shape)}; a schedule is a scalar`;
    throw modelError('argument-value', value.span, message);
  }
  const other = ancestors([factor]).find(node => node !== k && !settled.has(node.op) && isLeaf(node));
  if (other) {
    const message = `${text} depends on more than k and numbers known before running`;
    throw modelError('argument-value', value.span, message);
  }
  return { k, factor };
}

const settled: ReadonlySet<string> = new Set(['constant', 'iota']);

function isLeaf(node: Node): boolean {
  return node.inputs.length === 0;
}

function readNumbers(context: Context, call: CallExpression, shown: Signature): Record<string, number> {
  const { byName } = bindArguments(context, call, shown);
  const numbers: Record<string, number> = {};
  for (const { name, kind, default: otherwise } of shown.parameters) {
    const expression = byName.get(name);
    if (!expression && otherwise === undefined) {
      throw modelError(
        'argument',
        call.span,
        `\`${context.snippet(call.span)}\`: ${shown.name} needs ${name}`,
      );
    }
    const value = expression ? knownNumber(context, expression) : Number(otherwise);
    const whole = kind === 'size';
    if (value === undefined || !(value >= 0) || (whole && !(Number.isSafeInteger(value) && value > 0))) {
      const what = whole ? 'a whole number from 1' : 'a number from 0';
      throw modelError('argument-value', expression!.span, `${name} is ${what}, known before running`);
    }
    numbers[name] = value;
  }
  return numbers;
}
