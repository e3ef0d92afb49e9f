import * as vscode from 'vscode';
import { definitionsAt, occurrenceAt, referencesAt } from '../language/features/occurrence';
import { constantNames, keywords } from '../language/token';
import { toOffset, toRange } from './convert';
import type { Sessions } from './sessions';

const identifier = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;

/** Where a name is defined and used, and giving it another one. */
export class Names
  implements
    vscode.DefinitionProvider,
    vscode.ReferenceProvider,
    vscode.DocumentHighlightProvider,
    vscode.RenameProvider
{
  constructor(private readonly sessions: Sessions) {}

  provideDefinition(document: vscode.TextDocument, position: vscode.Position): vscode.LocationLink[] {
    const session = this.sessions.synced(document);
    if (!session) return [];
    const { source, text } = session;
    const offset = toOffset(source, position);
    const origin = occurrenceAt(text, offset);
    return definitionsAt(text, offset).map(({ span, statement }) => ({
      ...(origin ? { originSelectionRange: toRange(source, origin.span) } : {}),
      targetUri: document.uri,
      targetRange: toRange(source, statement.span),
      targetSelectionRange: toRange(source, span),
    }));
  }

  provideReferences(document: vscode.TextDocument, position: vscode.Position): vscode.Location[] {
    return this.ranges(document, position).map(range => new vscode.Location(document.uri, range));
  }

  provideDocumentHighlights(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.DocumentHighlight[] {
    return this.ranges(document, position).map(range => new vscode.DocumentHighlight(range));
  }

  prepareRename(document: vscode.TextDocument, position: vscode.Position): vscode.Range {
    const session = this.sessions.synced(document);
    const found = session && occurrenceAt(session.text, toOffset(session.source, position));
    if (!found || found.definitions.length === 0) throw new Error('This is not a name of this file.');
    return toRange(session.source, found.span);
  }

  provideRenameEdits(
    document: vscode.TextDocument,
    position: vscode.Position,
    newName: string,
  ): vscode.WorkspaceEdit {
    const name = newName.normalize('NFC');
    const reserved = keywords.has(name) || constantNames.has(name) || name === 'T';
    if (!identifier.test(name) || reserved) throw new Error(`${newName} cannot be a name.`);
    const session = this.sessions.synced(document);
    if (session?.text.symbols.definitions.some(definition => definition.name === name)) {
      throw new Error(`${newName} is already a name of this file.`);
    }
    const edit = new vscode.WorkspaceEdit();
    for (const range of this.ranges(document, position)) edit.replace(document.uri, range, name);
    return edit;
  }

  private ranges(document: vscode.TextDocument, position: vscode.Position): vscode.Range[] {
    const session = this.sessions.synced(document);
    if (!session) return [];
    const { source, text } = session;
    return referencesAt(text, toOffset(source, position)).map(span => toRange(source, span));
  }
}
