import { closestWord } from '../base/spelling';
import { signature } from '../library/signatures';
import { type BlockKey, trainKeys, tuneKeys } from '../library/trainKeys';
import type { Entry, File, TrainStatement } from './ast';
import { checkWord } from './checkCalls';
import { didYouMean, fixes } from './checkNames';
import type { Diagnostic } from './diagnostic';
import { tunables } from './tunable';

/** The keys of `train` and `tune`. */
export function checkBlocks(file: File): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const statement of file.statements) {
    if (statement.kind === 'train') found.push(...checkTrain(statement));
    else if (statement.kind === 'tune') found.push(...checkTune(file, statement.entries));
  }
  return found;
}

function checkTrain({ entries }: TrainStatement): Diagnostic[] {
  const found = duplicates(entries, 'train');
  for (const entry of entries) {
    const { name, span } = entry.key;
    const key = trainKeys.find(known => known.name === name);
    if (key === undefined) {
      found.push({ code: 'key-unknown', severity: 'error', span, ...unknownKey(entry, entries) });
      continue;
    }
    const wrong = checkEntryWord(entry, key);
    if (wrong !== undefined) found.push(wrong);
  }
  const steps = entries.find(entry => entry.key.name === 'steps');
  const epochs = entries.find(entry => entry.key.name === 'epochs');
  if (steps !== undefined && epochs !== undefined) {
    const [first, second] = steps.span.start < epochs.span.start ? [steps, epochs] : [epochs, steps];
    found.push({
      code: 'key-conflict',
      severity: 'error',
      span: second.key.span,
      message: '`epochs` and `steps` both say how long to train: keep one.',
      related: [{ span: first.key.span, message: `\`${first.key.name}\` is given here` }],
    });
  }
  return found;
}

function unknownKey({ key, value }: Entry, entries: readonly Entry[]): Pick<Diagnostic, 'message' | 'fixes'> {
  const optimizer = entries.find(entry => entry.key.name === 'optimizer')?.value;
  const callee = optimizer?.kind === 'call' ? optimizer.callee.name : 'sgd';
  const own = signature(callee, 'optimizer')?.parameters.some(parameter => parameter.name === key.name);
  if (own) {
    const written = value.kind === 'number' ? String(value.value) : '...';
    return {
      message: `\`${key.name}\` is an argument of the optimiser: \`optimizer = ${callee}(${key.name} = ${written})\`.`,
    };
  }
  const aliases: Readonly<Record<string, string>> = {
    batch_size: 'batch',
    learning_rate: 'optimizer',
    lr: 'optimizer',
    patience: 'early_stop',
    scheduler: 'schedule',
    max_steps: 'steps',
    iterations: 'steps',
    optim: 'optimizer',
    random_seed: 'seed',
    grad_clip: 'clip_norm',
  };
  const alias = Object.hasOwn(aliases, key.name) ? aliases[key.name] : undefined;
  const names = trainKeys.map(known => known.name);
  const meant = alias ?? closestWord(key.name, names);
  const all = meant === undefined ? ` The keys are ${names.map(name => `\`${name}\``).join(', ')}.` : '';
  return {
    message: `\`train\` has no key \`${key.name}\`.${didYouMean(meant)}${all}`,
    ...fixes(key.span, meant),
  };
}

function checkEntryWord({ value }: Entry, key: BlockKey): Diagnostic | undefined {
  if (key.choices === undefined) return undefined;
  if (key.kind === 'word' || value.kind === 'string') return checkWord(value, key.name, key.choices);
  return undefined;
}

function duplicates(entries: readonly Entry[], block: string): Diagnostic[] {
  const first = new Map<string, Entry>();
  const found: Diagnostic[] = [];
  for (const entry of entries) {
    const { name, span } = entry.key;
    const before = first.get(name);
    if (before === undefined) first.set(name, entry);
    else {
      found.push({
        code: 'key-duplicate',
        severity: 'error',
        span,
        message: `\`${block}\` has the key \`${name}\` twice: keep one.`,
        related: [{ span: before.key.span, message: `\`${name}\` is first given here` }],
      });
    }
  }
  return found;
}

/** A key of `tune` is one of its own, or names exactly one number that can be varied. */
function checkTune(file: File, entries: readonly Entry[]): Diagnostic[] {
  const found = duplicates(entries, 'tune');
  const places = tunables(file).map(place => place.name);
  for (const entry of entries) {
    const { name, span } = entry.key;
    const key = tuneKeys.find(known => known.name === name);
    if (key !== undefined) {
      const wrong = checkEntryWord(entry, key);
      if (wrong !== undefined) found.push(wrong);
      continue;
    }
    const count = places.filter(place => place === name).length;
    if (count === 1) continue;
    if (count === 0) {
      const meant = closestWord(name, [...new Set([...places, ...tuneKeys.map(known => known.name)])]);
      const message = `\`tune\` finds no \`${name}\`: it varies top-level numbers, keys of \`train\`, and arguments of its optimiser and schedule.`;
      found.push({
        code: 'key-unknown',
        severity: 'error',
        span,
        message: message + didYouMean(meant),
        ...fixes(span, meant),
      });
    } else {
      const message = `\`${name}\` means more than one thing that \`tune\` could vary: rename the number.`;
      found.push({ code: 'key-conflict', severity: 'error', span, message });
    }
  }
  return found;
}
