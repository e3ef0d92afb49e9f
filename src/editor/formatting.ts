import * as vscode from 'vscode';
import { type FormatEdit, formatEdits } from '../language/format/format';
import { Source } from '../language/source';
import { toOffset, toRange } from './convert';

/** Formats with edits of blanks alone, so that the cursor stays where it is; a file with a syntax error stays as it is. */
export class Formatting
  implements vscode.DocumentFormattingEditProvider, vscode.DocumentRangeFormattingEditProvider
{
  provideDocumentFormattingEdits(document: vscode.TextDocument): vscode.TextEdit[] {
    return editsOf(document, () => true);
  }

  provideDocumentRangeFormattingEdits(document: vscode.TextDocument, range: vscode.Range): vscode.TextEdit[] {
    return editsOf(document, ({ span }, source) => {
      return span.start <= toOffset(source, range.end) && toOffset(source, range.start) <= span.end;
    });
  }
}

function editsOf(
  document: vscode.TextDocument,
  wanted: (edit: FormatEdit, source: Source) => boolean,
): vscode.TextEdit[] {
  const source = new Source(document.fileName, document.getText());
  return (formatEdits(source) ?? [])
    .filter(edit => wanted(edit, source))
    .map(({ span, text }) => new vscode.TextEdit(toRange(source, span), text));
}
