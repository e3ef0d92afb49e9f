import path from 'node:path';
import { DataCache } from '../data/cache';
import { constantValue } from '../graph/dimension';
import { analyze } from '../language/analyze';
import type { File, InputStatement } from '../language/ast';
import { isSymbol } from '../language/lower/sizes';
import { analyzeText } from '../language/text';
import { evaluate } from '../runtime/evaluate';
import type { Feeds } from '../training/feeds';
import { hasErrors } from './diagnostics';
import type { LoadedFile } from './load';

/**
 * A file whose inputs are written out, such as `input x : [N, 2] = [[1, 2], [3, 4]]`, settles N by them. Where feeds have
 * another number of rows, it is read as if these inputs had no values, so that the feeds settle N; as it was, when N is asked
 * for elsewhere.
 */
export async function withRowsOf(loaded: LoadedFile, feeds: Feeds): Promise<LoadedFile> {
  const { source, model } = loaded;
  const { file } = analyzeText(source);
  const inputs = file.statements.filter(statement => statement.kind === 'input');
  const symbols = new Set(
    inputs.flatMap(statement => {
      const rows = feeds.get(statement.name.name)?.shape[0];
      const first = model.inputs.find(({ name }) => name === statement.name.name)?.shape[0];
      const settled = first && constantValue(first);
      const differs = rows !== undefined && settled !== undefined && settled !== rows;
      return differs ? (rowSymbol(statement) ?? []) : [];
    }),
  );
  if (symbols.size === 0) return loaded;
  const freed: File = {
    ...file,
    statements: file.statements.map(statement => {
      const symbol = statement.kind === 'input' ? rowSymbol(statement) : undefined;
      if (statement.kind !== 'input' || symbol === undefined || !symbols.has(symbol)) return statement;
      const { value: _, ...open } = statement;
      return open;
    }),
  };
  const folder = path.dirname(path.resolve(source.file));
  const options = { data: new DataCache(), evaluate, folder, trusted: true };
  const { model: open, tables, diagnostics } = await analyze(source, freed, options);
  if (hasErrors(diagnostics)) return loaded;
  return { source, tables, model: open };
}

/** The symbol that stands for the rows. */
function rowSymbol({ shape }: InputStatement): string | undefined {
  const [first] = shape.dimensions;
  return first?.kind === 'name' && isSymbol(first.name) ? first.name : undefined;
}
