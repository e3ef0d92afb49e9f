import { decodeSafetensors, SafetensorsError, type StoredTensor } from '../interop/safetensors';
import { type Model, savedTensors } from '../language/model';
import type { ParameterValues } from '../training/initial';
import { readInput } from './load';
import { InputError } from './status';
import type { Terminal } from './terminal';

/**
 * Reads `--params FILE.safetensors`, which must give every parameter, in its shape; what the model does not have is a
 * warning. Throws `InputError`.
 */
export async function readParameters(
  model: Model,
  file: string,
  terminal: Terminal,
): Promise<ParameterValues> {
  const stored = decode(await readInput(file), file);
  const values = new Map<string, Float64Array>();
  for (const { path, sizes } of savedTensors(model)) {
    const tensor = stored.get(path);
    if (!tensor) {
      const known = [...stored.keys()].join(', ') || 'nothing';
      throw new InputError(
        `${file}: there is no tensor ${path}, which the model needs; the file holds ${known}`,
      );
    }
    if (tensor.shape.join() !== sizes.join()) {
      throw new InputError(
        `${file}: ${path} is [${tensor.shape.join(', ')}], and the model's is [${sizes.join(', ')}]`,
      );
    }
    values.set(path, tensor.data);
  }
  const surplus = [...stored.keys()].filter(name => !values.has(name));
  if (surplus.length > 0) {
    terminal.err(
      `${file}: ${terminal.errStyle.yellow('warning')}: not in the model: ${surplus.join(', ')}\n`,
    );
  }
  return values;
}

function decode(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) throw new InputError(`${file}: ${error.message}`);
    throw error;
  }
}
