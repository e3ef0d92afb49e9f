import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../src/ids';
import { analysed, openModel, positionOf, until } from './support/models';

const model = `w = 2
x = -1
a = w * x
loss = a ** 2
`;

describe('commands', () => {
  it('check the gradients', async () => {
    const document = await openModel('gradcheck.nabla', `param v = 2\nloss = v ** 3\n`);
    await analysed(document);
    const said: string[] = [];
    const window = vscode.window as unknown as Record<string, unknown>;
    const { showInformationMessage } = window;
    window.showInformationMessage = async (message: string) => void said.push(message);
    try {
      await vscode.commands.executeCommand(commands.gradcheck, document.uri);
    } finally {
      window.showInformationMessage = showInformationMessage;
    }
    assert.match(said[0] ?? '', /The gradient of loss holds for 1 name/);
  });

  it('ask about another objective, and go back', async () => {
    const document = await openModel('objective.nabla', model);
    const session = await analysed(document);
    const editor = vscode.window.activeTextEditor!;
    const position = positionOf(document, 'a = ');
    editor.selection = new vscode.Selection(position, position);
    const gradient = () => session.analysis?.names.find(({ name }) => name === 'w')?.gradient?.mean;
    assert.equal(gradient(), 4, 'd (w x)² / dw');
    await vscode.commands.executeCommand(commands.setObjective, document.uri);
    assert.equal(session.analysis?.objective, 'a');
    assert.equal(gradient(), -1, 'd (w x) / dw');
    await vscode.commands.executeCommand(commands.setObjective, document.uri);
    assert.equal(session.analysis?.objective, 'loss');
  });

  it('run the model when live values are off', async () => {
    const configuration = vscode.workspace.getConfiguration();
    await configuration.update('nabla.live', 'off', vscode.ConfigurationTarget.Global);
    try {
      const document = await openModel('asked.nabla', model);
      await vscode.commands.executeCommand(commands.run, document.uri);
      const session = await analysed(document);
      await until('there are values', () => session.analysis?.evaluated);
      assert.equal(session.analysis?.names.find(({ name }) => name === 'loss')?.value?.mean, 4);
    } finally {
      await configuration.update('nabla.live', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('rename a name everywhere', async () => {
    const document = await openModel('rename.nabla', model);
    await analysed(document);
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      'vscode.executeDocumentRenameProvider',
      document.uri,
      positionOf(document, 'w = 2'),
      'θ',
    );
    await vscode.workspace.applyEdit(edit);
    assert.equal(document.getText(), model.replaceAll('w', 'θ'));
  });
});
