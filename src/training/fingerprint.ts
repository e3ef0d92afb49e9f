import { createHash } from 'node:crypto';
import type { Model } from '../language/model';
import type { Dataset } from './dataset';

/** What a run was made of, as hashes: the text of the model and what its inputs were fed. */
export interface Fingerprint {
  readonly text: string;
  /** By the name of the input. */
  readonly data: Readonly<Record<string, string>>;
  /** What ran the steps, on which the last bits depend; not hashed. */
  readonly executor?: string;
}

/** Numbers of one input that are hashed at most; of larger ones, evenly chosen. */
const MOST_NUMBERS = 2 ** 21;

export function fingerprint(text: string, model: Model, dataset: Dataset, executor: string): Fingerprint {
  const data: Record<string, string> = {};
  for (const { name, node } of model.inputs) {
    const tensor = dataset.sample(node, MOST_NUMBERS);
    if (!tensor) continue;
    const stride = Math.ceil(tensor.data.length / MOST_NUMBERS);
    const numbers =
      stride <= 1
        ? Float64Array.from(tensor.data)
        : Float64Array.from({ length: MOST_NUMBERS }, (_, i) => tensor.data[i * stride] ?? 0);
    const hash = createHash('sha256').update(`${tensor.dtype} [${tensor.shape.join(', ')}]`);
    data[name] = hash.update(new Uint8Array(numbers.buffer)).digest('hex');
  }
  return { text: createHash('sha256').update(text).digest('hex'), data, executor };
}

/** What differs between a checkpoint and the run that takes it up, a sentence each. */
export function fingerprintWarnings(saved: Fingerprint, own: Fingerprint): string[] {
  const warnings: string[] = [];
  if (saved.text !== own.text) warnings.push('the text of the model has changed since the checkpoint');
  const inputs = Object.keys(own.data).filter(name => saved.data[name] !== own.data[name]);
  const fed = inputs.length === 1 ? `input ${inputs[0]} is` : `inputs ${inputs.join(', ')} are`;
  if (inputs.length > 0) warnings.push(`${fed} fed other data than before the checkpoint`);
  if (saved.executor !== undefined && saved.executor !== own.executor) {
    warnings.push(
      `its steps ran on ${saved.executor}, and now run on ${own.executor}: the last bits may differ`,
    );
  }
  return warnings;
}
