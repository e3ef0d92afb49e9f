import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { openModel } from './support/models';

const options = { insertSpaces: true, tabSize: 2 };

async function apply(
  document: vscode.TextDocument,
  edits: vscode.TextEdit[] | undefined,
): Promise<readonly vscode.TextEdit[]> {
  const change = new vscode.WorkspaceEdit();
  change.set(document.uri, edits ?? []);
  assert.ok(await vscode.workspace.applyEdit(change));
  return edits ?? [];
}

describe('formatting', () => {
  it('changes blanks alone', async () => {
    const document = await openModel('format.nabla', 'w=2\nloss = w**2\ntrain loss {\nsteps = 3\n}\n');
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[]>(
      'vscode.executeFormatDocumentProvider',
      document.uri,
      options,
    );
    await apply(document, edits);
    assert.equal(document.getText(), 'w = 2\nloss = w ** 2\ntrain loss {\n  steps = 3\n}\n');
    for (const { newText } of edits) assert.match(newText, /^\s*$/);
  });

  it('of a selection leaves the rest', async () => {
    const document = await openModel('formatRange.nabla', 'v=1\nw=2\nloss=v*w\n');
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[]>(
      'vscode.executeFormatRangeProvider',
      document.uri,
      new vscode.Range(1, 0, 1, 3),
      options,
    );
    await apply(document, edits);
    assert.equal(document.getText(), 'v=1\nw = 2\nloss=v*w\n');
  });

  it('leaves a file with a syntax error', async () => {
    const document = await openModel('formatBroken.nabla', 'w=2\nloss = (w\n');
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>(
      'vscode.executeFormatDocumentProvider',
      document.uri,
      options,
    );
    assert.deepEqual(edits ?? [], []);
  });
});
