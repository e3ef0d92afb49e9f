import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../src/ids';
import { analysed, until } from './support/models';

type Stubs = Partial<Record<'showQuickPick' | 'showInputBox', (...args: never[]) => Promise<unknown>>>;

async function stubbed(stubs: Stubs, action: () => Thenable<unknown>): Promise<void> {
  const window = vscode.window as unknown as Record<string, unknown>;
  const originals = Object.fromEntries(Object.keys(stubs).map(key => [key, window[key]]));
  Object.assign(window, stubs);
  try {
    await action();
  } finally {
    Object.assign(window, originals);
  }
}

describe('new model file', () => {
  const pick = (label: string) => async (items: readonly vscode.QuickPickItem[]) =>
    items.find(item => item.label === label);

  it('copies an example with its data, under a name of its own', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    let proposed: string | undefined;
    const showInputBox = async (options: vscode.InputBoxOptions) => {
      proposed = options.value;
      assert.match((await options.validateInput?.('iris')) as string, /exists already/);
      assert.equal(await options.validateInput?.('models/mine'), undefined);
      return 'models/mine';
    };
    await stubbed({ showQuickPick: pick('iris.nabla'), showInputBox }, () =>
      vscode.commands.executeCommand(commands.newModel),
    );
    assert.equal(proposed, 'iris-2.nabla', 'the examples are the workspace here');
    const document = vscode.window.activeTextEditor!.document;
    assert.equal(document.uri.toString(), vscode.Uri.joinPath(folder, 'models/mine.nabla').toString());
    await vscode.workspace.fs.stat(vscode.Uri.joinPath(folder, 'models/data/iris.csv'));
    const session = await analysed(document);
    assert.deepEqual(
      session.diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
  });

  it('opens an empty one without a name', async () => {
    await stubbed({ showQuickPick: pick('Empty model') }, () =>
      vscode.commands.executeCommand(commands.newModel),
    );
    const document = await until('it is open', () => vscode.window.activeTextEditor?.document);
    assert.equal(document.languageId, 'nabla');
    assert.ok(document.isUntitled);
  });
});
