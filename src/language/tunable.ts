import type { SignatureParameter } from '../library/signature';
import { signature } from '../library/signatures';
import { type BlockKey, trainKeys } from '../library/trainKeys';
import { parametersOf } from './arguments';
import type { BindStatement, CallExpression, Expression, File, TrainStatement } from './ast';

/** A number of the file that `tune` can vary, written or left at its default. */
export type Tunable =
  | { readonly kind: 'number'; readonly name: string; readonly statement: BindStatement }
  | {
      readonly kind: 'key';
      readonly name: string;
      /** The block that has the key; absent in a file that trains with the defaults. */
      readonly train?: TrainStatement;
      readonly key: BlockKey;
    }
  | {
      readonly kind: 'argument';
      readonly name: string;
      readonly train?: TrainStatement;
      readonly of: 'optimizer' | 'schedule';
      /** As it is written; absent where the optimiser is the default. */
      readonly call?: CallExpression;
      readonly callee: string;
      readonly parameter: SignatureParameter;
      readonly parameters: readonly SignatureParameter[];
    };

const DEFAULT_OPTIMIZER = 'sgd';

/** Keys that are one number, and that the search leaves a meaning: the rows are cut by folds. */
const kinds: ReadonlySet<string> = new Set(['size', 'whole', 'number', 'flag', 'word']);
const kept: ReadonlySet<string> = new Set(['checkpoint']);

/** Top-level numbers, keys of `train`, and arguments of its optimiser and schedule. */
export function tunables(file: File): Tunable[] {
  const found: Tunable[] = file.statements.flatMap(statement =>
    statement.kind === 'bind' && isNumber(statement.value)
      ? [{ kind: 'number', name: statement.name.name, statement } as const]
      : [],
  );
  const trains = file.statements.filter(statement => statement.kind === 'train');
  for (const train of trains.length > 0 ? trains : [undefined]) {
    const place = train ? { train } : {};
    for (const key of trainKeys) {
      const varied = kinds.has(key.kind) && !kept.has(key.name);
      if (varied) found.push({ kind: 'key', name: key.name, key, ...place });
    }
    for (const of of ['optimizer', 'schedule'] as const) found.push(...argumentsOf(file, train, of));
  }
  return found;
}

function argumentsOf(file: File, train: TrainStatement | undefined, of: 'optimizer' | 'schedule'): Tunable[] {
  const value = train?.entries.find(entry => entry.key.name === of)?.value;
  const callee = value ? calleeOf(value) : of === 'optimizer' ? DEFAULT_OPTIMIZER : undefined;
  if (callee === undefined) return [];
  const own = file.statements.find(s => s.kind === 'optimizer' && s.name.name === callee);
  const parameters =
    own?.kind === 'optimizer' ? parametersOf(own.formals) : (signature(callee, of)?.parameters ?? []);
  const place = { ...(train ? { train } : {}), ...(value?.kind === 'call' ? { call: value } : {}) };
  return parameters
    .filter(({ kind = 'number' }) => kinds.has(kind) && kind !== 'word')
    .map(parameter => ({
      kind: 'argument',
      name: parameter.name,
      of,
      callee,
      parameter,
      parameters,
      ...place,
    }));
}

function calleeOf(value: Expression): string | undefined {
  if (value.kind === 'call') return value.callee.name;
  return value.kind === 'name' ? value.name : undefined;
}

function isNumber(value: Expression): boolean {
  return (
    value.kind === 'number' || (value.kind === 'unary' && value.operator === '-' && isNumber(value.operand))
  );
}
