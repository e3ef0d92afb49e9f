import * as vscode from 'vscode';
import { type OutlineEntry, type OutlineKind, outline } from '../language/features/outline';
import type { Source } from '../language/source';
import { toRange } from './convert';
import type { Sessions } from './sessions';

const { SymbolKind } = vscode;

const kinds: Readonly<Record<OutlineKind, vscode.SymbolKind>> = {
  data: SymbolKind.File,
  input: SymbolKind.Field,
  param: SymbolKind.Property,
  node: SymbolKind.Variable,
  function: SymbolKind.Function,
  layer: SymbolKind.Class,
  optimizer: SymbolKind.Function,
  loop: SymbolKind.Array,
  check: SymbolKind.Boolean,
  train: SymbolKind.Event,
  tune: SymbolKind.Event,
};

/** Statements as the editor's outline and breadcrumbs. */
export class Outline implements vscode.DocumentSymbolProvider {
  constructor(private readonly sessions: Sessions) {}

  provideDocumentSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] | undefined {
    const session = this.sessions.synced(document);
    if (!session) return undefined;
    return outline(session.text).map(entry => symbolOf(session.source, entry));
  }
}

function symbolOf(source: Source, { name, detail, kind, span, nameSpan, children }: OutlineEntry) {
  const range = toRange(source, span);
  const symbol = new vscode.DocumentSymbol(name, detail, kinds[kind], range, toRange(source, nameSpan));
  symbol.children = children.map(child => symbolOf(source, child));
  return symbol;
}
