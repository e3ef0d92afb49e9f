import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands, trialsScheme } from '../../src/ids';
import { analysed, nabla, openModel, until } from './support/models';

const model = `param w = 3
loss = w ** 2
train loss { steps = 20 }
tune { lr = choice(0.1, 0.4) }
`;

describe('tuning', function () {
  this.timeout(60_000);

  it('lists its trials beside the model', async () => {
    const document = await openModel('tuned.nabla', model);
    await analysed(document);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    const lens = lenses.find(({ command }) => command?.command === commands.tune);
    assert.match(lens?.command?.title ?? '', /Tune/);
    await vscode.commands.executeCommand(commands.tune, document.uri);
    const trials = await until('the trials are listed', () =>
      vscode.workspace.textDocuments.find(
        other => other.uri.scheme === trialsScheme && other.getText().includes('Finished.'),
      ),
    );
    assert.match(trials.uri.path, /Trials of tuned\.nabla\.md$/);
    assert.match(trials.getText(), /\| ★ +\| 2 +\| 0\.4 /);
    assert.match(trials.getText(), /best: trial 2 +\| lr = 0\.4/);

    const { runs } = await nabla();
    const found = (await runs.getChildren()).filter(
      element => runs.getTreeItem(element).label === 'Tuning  tuned.nabla',
    );
    assert.equal(found.length, 1, 'the search is in the list of runs');
    const search = runs.getTreeItem(found[0]!);
    assert.match(String(search.description), /^2 trials · best loss /);
    assert.equal(String(search.command?.arguments?.[0]), trials.uri.toString());
    const below = (await runs.getChildren(found[0])).map(element => runs.getTreeItem(element));
    assert.deepEqual(
      below.map(({ label }) => label),
      ['Trial 1  lr = 0.1', 'Trial 2  lr = 0.4'],
    );
    assert.deepEqual((below[1]!.iconPath as vscode.ThemeIcon).id, 'star-full');
    assert.match(String(below[0]!.description), /^loss /);
  });
});
