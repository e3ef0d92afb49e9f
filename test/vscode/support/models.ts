import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Session } from '../../../src/editor/session';
import type { Nabla } from '../../../src/extension';

/** The extension, activated. */
export async function nabla(): Promise<Nabla> {
  const extension = vscode.extensions.getExtension<Nabla>('nabla.nabla');
  assert.ok(extension, 'the extension is present');
  return extension.activate();
}

/** Writes a model into the workspace and opens it. */
export async function openModel(name: string, text: string): Promise<vscode.TextDocument> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a folder is open');
  const uri = vscode.Uri.joinPath(folder.uri, name);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  return show(uri);
}

/** Opens a model that the workspace has. */
export async function openExample(name: string): Promise<vscode.TextDocument> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a folder is open');
  return show(vscode.Uri.joinPath(folder.uri, name));
}

async function show(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

/** The model's session, once the engine has answered about the text of now. */
export async function analysed(document: vscode.TextDocument): Promise<Session> {
  const { sessions } = await nabla();
  const session = sessions.get(document.uri);
  assert.ok(session, `${path.basename(document.fileName)} has a session`);
  await session.upToDate();
  return session;
}

/** Replaces the whole text. */
export async function write(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  const all = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
  edit.replace(document.uri, all, text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

/** Waits until something holds, and says what did not. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false,
  timeout = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found = probe();
    if (found) return found;
    assert.ok(Date.now() < deadline, `timed out: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Where a piece of the text begins, moved by some characters. */
export function positionOf(document: vscode.TextDocument, piece: string, by = 0): vscode.Position {
  const offset = document.getText().indexOf(piece);
  assert.ok(offset >= 0, `${piece} is in the text`);
  return document.positionAt(offset + by);
}

type Warn = (message: string, ...rest: unknown[]) => Promise<string | undefined>;

/** Answers warnings in a person's place while `action` runs, and returns what they said. */
export async function answering(
  answer: string | undefined,
  action: () => Promise<unknown>,
): Promise<string[]> {
  const said: string[] = [];
  const window = vscode.window as unknown as Record<'showWarningMessage' | 'showErrorMessage', Warn>;
  const { showWarningMessage, showErrorMessage } = window;
  window.showWarningMessage = window.showErrorMessage = async message => {
    said.push(message);
    return answer;
  };
  try {
    await action();
  } finally {
    Object.assign(window, { showWarningMessage, showErrorMessage });
  }
  return said;
}
