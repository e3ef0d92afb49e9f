import { pathLiterals } from '../editor/dataFiles';
import { Source } from '../language/source';
import { analyzeText } from '../language/text';

/** A model that stands for itself, with the files it reads in its own folder or below. */
export interface MovedModel {
  readonly text: string;
  /** Where the files were, relative to the model, and where the text looks for them now. */
  readonly files: readonly { readonly from: string; readonly to: string }[];
}

/** Paths that lead up out of a model's folder lead down from it: `../data/iris.csv` becomes `data/iris.csv`. */
export function besideModel(text: string): MovedModel {
  const files = new Map<string, string>();
  let moved = '';
  let done = 0;
  for (const { value, span } of pathLiterals(analyzeText(new Source('', text)).file)) {
    files.set(value, value.replace(UPWARD, ''));
    moved += text.slice(done, span.start) + text.slice(span.start, span.end).replace(UPWARD_LITERAL, '"');
    done = span.end;
  }
  return { text: moved + text.slice(done), files: [...files].map(([from, to]) => ({ from, to })) };
}

const UPWARD = /^(\.\.\/)+/;
const UPWARD_LITERAL = /^"(\.\.\/)+/;
