import type { CsvOptions } from './csv';
import { DataError } from './error';
import { resolvePath } from './paths';
import type { SourceArgument, SourceSpec } from './source';

/*
 * Reading the arguments of a source. Each function throws a `DataError` that names source and argument.
 */

const fail = (message: string): never => {
  throw new DataError('argument-value', message);
};

/** No argument but these. */
export function requireArguments({ kind, arguments: given }: SourceSpec, known: readonly string[]): void {
  const surplus = Object.keys(given).find(name => !known.includes(name));
  if (surplus !== undefined) fail(`${kind} has no argument "${surplus}"; it takes ${known.join(', ')}.`);
}

/** A path as the model has it, and resolved. */
export interface NamedFile {
  readonly file: string;
  readonly given: string;
}

/** The argument `name` as a path. */
export function fileOf(spec: SourceSpec, name: string, folder: string): NamedFile {
  const given = spec.arguments[name];
  if (typeof given !== 'string') {
    const what =
      name === 'folder'
        ? 'the path of a folder'
        : name === 'path'
          ? 'the path of a file'
          : `${name}, the path of a file`;
    const example = spec.kind === 'csv' ? 'csv("data/iris.csv")' : `${spec.kind}("data/...")`;
    return fail(`${spec.kind} needs ${what}, as in ${example}.`);
  }
  return { file: resolvePath(given, folder), given };
}

/** The argument `path`, as readers of one file take it. */
export function pathOf<O extends object>(
  spec: SourceSpec,
  folder: string,
  options: O,
): [file: string, options: O & { readonly given: string }] {
  const { file, given } = fileOf(spec, 'path', folder);
  return [file, { ...options, given }];
}

/** The files of a source with one. */
export function onePath(spec: SourceSpec, folder: string): readonly string[] {
  return [fileOf(spec, 'path', folder).file];
}

export function csvLayout(spec: SourceSpec): Pick<CsvOptions, 'header' | 'names'> {
  const { header = 'auto', names = 'none' } = spec.arguments;
  if (header !== 'auto' && typeof header !== 'boolean') return fail('header of csv is true, false or auto.');
  if (names === 'none') return { header };
  return isNames(names) ? { header, names } : fail('names of csv is a list of different names, none empty.');
}

function isNames(value: SourceArgument): value is readonly string[] {
  return Array.isArray(value) && value.every(name => name !== '') && new Set(value).size === value.length;
}

/** The source of the table that `dropna` is given. */
export function tableOf(spec: SourceSpec): SourceSpec {
  requireArguments(spec, ['d']);
  const { d } = spec.arguments;
  return isSpec(d) ? d : fail(`${spec.kind} takes the name of a table above, as in ${spec.kind}(iris).`);
}

export function isSpec(value: SourceArgument | undefined): value is SourceSpec {
  return typeof value === 'object' && 'kind' in value;
}
