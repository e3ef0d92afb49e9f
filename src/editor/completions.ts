import * as vscode from 'vscode';
import { type Completion, completionsAt } from '../language/features/completion';
import { toOffset } from './convert';
import type { Session } from './session';
import type { Sessions } from './sessions';

const { CompletionItemKind } = vscode;

const kinds: Readonly<Record<Completion['kind'], vscode.CompletionItemKind>> = {
  function: CompletionItemKind.Function,
  key: CompletionItemKind.Property,
  argument: CompletionItemKind.Field,
  word: CompletionItemKind.EnumMember,
  keyword: CompletionItemKind.Keyword,
  data: CompletionItemKind.File,
  input: CompletionItemKind.Field,
  param: CompletionItemKind.Property,
  node: CompletionItemKind.Variable,
  fn: CompletionItemKind.Function,
  layer: CompletionItemKind.Class,
  instance: CompletionItemKind.Class,
  optimizer: CompletionItemKind.Function,
  formal: CompletionItemKind.Variable,
  loop: CompletionItemKind.Variable,
  state: CompletionItemKind.Variable,
  symbol: CompletionItemKind.Constant,
};

/** What can be written at the cursor; names come with their shapes. */
export class Completions implements vscode.CompletionItemProvider {
  constructor(private readonly sessions: Sessions) {}

  provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.CompletionItem[] | undefined {
    const session = this.sessions.synced(document);
    if (!session) return undefined;
    return completionsAt(session.text, toOffset(session.source, position)).map(each => itemOf(session, each));
  }
}

function itemOf(session: Session, { label, kind, detail, documentation, snippet }: Completion) {
  const item = new vscode.CompletionItem(label, kinds[kind]);
  const shape = session.analysis?.names.findLast(({ name }) => name === label)?.shape;
  item.detail = detail ?? (kind === 'node' || kind === 'param' || kind === 'input' ? (shape ?? '') : '');
  if (documentation !== undefined) item.documentation = new vscode.MarkdownString(documentation);
  if (snippet !== undefined) item.insertText = new vscode.SnippetString(snippet);
  return item;
}
