import type { Tensor } from '../graph/types';
import type { Model } from '../language/model';
import type { Feeds } from '../training/feeds';
import { readInput } from './load';
import { NestingError, parseTensor } from './nestedNumbers';
import { meant } from './options';
import { InputError, UsageError } from './status';

/** Reads `--feed NAME=FILE.json`. Throws `UsageError` and `InputError`. */
export async function readFeeds(model: Model, options: readonly string[]): Promise<Feeds> {
  const feeds = new Map<string, Tensor>();
  for (const option of options) {
    const cut = option.indexOf('=');
    if (cut <= 0 || cut === option.length - 1) {
      throw new UsageError(`--feed is NAME=FILE.json, not \`${option}\``);
    }
    const name = option.slice(0, cut).normalize('NFC');
    const input = model.inputs.find(candidate => candidate.name === name);
    if (!input) {
      const names = model.inputs.map(candidate => candidate.name);
      const known = names.length > 0 ? `its inputs are ${names.join(', ')}` : 'it has none';
      throw new InputError(`--feed ${option}: the model has no input ${name}; ${known}${meant(name, names)}`);
    }
    feeds.set(name, await readTensor(option.slice(cut + 1), input.dtype));
  }
  return feeds;
}

async function readTensor(file: string, dtype: Tensor['dtype']): Promise<Tensor> {
  const text = new TextDecoder().decode(await readInput(file));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // The message quotes the file, line breaks too.
    throw new InputError(`${file}: not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`);
  }
  try {
    return parseTensor(json, dtype);
  } catch (error) {
    if (error instanceof NestingError) throw new InputError(`${file}: ${error.message}`);
    throw error;
  }
}
