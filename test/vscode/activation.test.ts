import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('extension', () => {
  const extension = () => vscode.extensions.getExtension('nabla.nabla');

  it('is present', () => {
    assert.ok(extension());
  });

  it('activates when a model file opens', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder, 'a folder is open');
    const uri = vscode.Uri.joinPath(folder.uri, 'activation.nabla');
    await vscode.workspace.fs.writeFile(uri, Buffer.from('w = 2\n'));
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.languageId, 'nabla');
    const deadline = Date.now() + 10_000;
    while (!extension()?.isActive && Date.now() < deadline)
      await new Promise(resolve => setTimeout(resolve, 50));
    assert.ok(extension()?.isActive);
  });
});
