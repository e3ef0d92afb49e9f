import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands, graphPanelType, views } from '../../src/ids';
import { analysed, openModel, positionOf, until } from './support/models';

const model = 'w = 2\nx = -1\nz = w * x\nloss = z ** 2\n';

function panels(): vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs);
  return tabs.filter(
    ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes(graphPanelType),
  );
}

describe('graph', () => {
  afterEach(async () => {
    await vscode.window.tabGroups.close(panels());
  });

  it('opens beside the editor without taking the focus, once, and again after it was closed', async () => {
    const document = await openModel('graph.nabla', model);
    const session = await analysed(document);
    for (let i = 0; i < 2; i++) {
      await vscode.commands.executeCommand(commands.openGraph, document.uri);
      await until('the panel is there', () => panels().length === 1);
      assert.equal(vscode.window.activeTextEditor?.document, document);
      // a webview that is ready has all values fetched
      await until('the webview is ready', () => session.values.shown?.complete);
      await vscode.commands.executeCommand(commands.openGraph, document.uri);
      assert.equal(panels().length, 1);
      await vscode.window.tabGroups.close(panels());
      await until('the panel is gone', () => panels().length === 0);
      session.refresh();
      await session.upToDate();
    }
  });

  it('is in the side bar too', async () => {
    const document = await openModel('sidebar.nabla', model);
    const session = await analysed(document);
    await vscode.commands.executeCommand(`${views.graph}.focus`);
    await until('the webview is ready', () => session.values.shown?.complete);
  });

  it('explains the gradient of the name at the cursor', async () => {
    const document = await openModel('explained.nabla', model);
    const session = await analysed(document);
    const editor = vscode.window.activeTextEditor!;
    const position = positionOf(document, 'z = ');
    editor.selection = new vscode.Selection(position, position);
    await vscode.commands.executeCommand(commands.explainGradient, document.uri);
    await until('the values are fetched for the webview', () => session.values.shown?.complete);
  });
});
