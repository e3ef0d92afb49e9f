import { parseArgs } from 'node:util';
import { closestWord } from '../base/spelling';
import { UsageError } from './status';

/** One option of a command. */
export interface OptionSpec {
  /** How its value is called in the help; absent for a switch. */
  readonly value?: string;
  readonly multiple?: true;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What stood on the command line after the command. */
export class Options {
  constructor(
    readonly positionals: readonly string[],
    private readonly values: ReadonlyMap<string, readonly string[]>,
    private readonly command: string,
  ) {}

  flag(name: string): boolean {
    return this.values.has(name);
  }

  text(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  whole(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    throw new UsageError(`--${name} is a whole number from ${least}, not \`${text}\``);
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    const found = choices.find(choice => choice === text);
    if (text === undefined || found !== undefined) return found;
    throw new UsageError(`--${name} is ${choices.join(' or ')}, not \`${text}\`${meant(text, choices)}`);
  }

  /** The model file, which is all that stands beside the options. */
  file(): string {
    const [file, surplus] = this.positionals;
    if (file === undefined) throw new UsageError(`nabla ${this.command} needs a model file`);
    if (surplus !== undefined) {
      throw new UsageError(`nabla ${this.command} takes one model file, and \`${surplus}\` is a second`);
    }
    return file;
  }
}

/** Throws `UsageError` for anything that the command does not have. */
export function parseOptions(command: string, specs: OptionSpecs, args: readonly string[]): Options {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, { value }] of Object.entries(specs)) {
    options[name] = { type: value === undefined ? 'boolean' : 'string' };
  }
  // Not strict, since its messages could not suggest what was meant; everything is held against `specs` below.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const spec = name === 'help' ? { help: '' } : specs[name];
    if (!spec) throw unknownOption(command, specs, rawName);
    if (spec.value === undefined && inlineValue) throw new UsageError(`${rawName} takes no value`);
    const missing = spec.value !== undefined && (value === undefined || (!inlineValue && /^-\D/.test(value)));
    if (missing) throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}`);
    values.set(name, [...(values.get(name) ?? []), value ?? '']);
  }
  return new Options(positionals, values, command);
}

/** `; did you mean X?`, or nothing. */
export function meant(word: string, candidates: Iterable<string>): string {
  const closest = closestWord(word, candidates);
  return closest === undefined ? '' : `; did you mean ${closest}?`;
}

function unknownOption(command: string, specs: OptionSpecs, rawName: string): UsageError {
  const names = [...Object.keys(specs), 'help'].map(name => `--${name}`);
  return new UsageError(`nabla ${command} has no option ${rawName}${meant(rawName, names)}`);
}
