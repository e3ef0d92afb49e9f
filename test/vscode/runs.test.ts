import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../src/ids';
import { analysed, answering, nabla, openModel, until, write } from './support/models';

const model = 'param w = 0\nloss = (w - 3) ** 2\ntrain loss {\n  steps = 5\n}\n';

/** What the commands of the list are given. */
async function trainedRun(name: string) {
  const document = await openModel(name, model);
  await analysed(document);
  await vscode.commands.executeCommand(commands.train, document.uri);
  const { trainings } = await nabla();
  const training = trainings.of(document.uri.toString()).at(-1);
  assert.equal(training?.phase, 'finished', training?.error);
  const folder = vscode.Uri.file(training.folder!);
  const record = { runId: training.runId, model: name, started: '', phase: 'finished', steps: 5 };
  const saved = { folder, model: document.uri, record: { ...record, metrics: {}, seconds: 1 } };
  return { runId: training.runId, training, saved };
}

const exists = (uri: vscode.Uri) =>
  vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );

describe('runs', () => {
  it('are kept as a text beside the model', async () => {
    const run = await trainedRun('kept.nabla');
    await vscode.commands.executeCommand(commands.keepRun, run);
    const document = await until('the text is open', () => vscode.window.activeTextEditor?.document);
    assert.match(document.uri.path, new RegExp(`/kept\\.run-${run.runId}\\.txt$`));
    assert.match(document.getText(), /^model +kept\.nabla/);
    assert.match(document.getText(), /loss = \(w - 3\) \*\* 2/);
  });

  it('are compared in the editor of differences', async () => {
    const runs = [await trainedRun('left.nabla'), await trainedRun('right.nabla')];
    await vscode.commands.executeCommand(commands.compareRuns, runs[0], runs);
    const tab = await until('the difference is open', () => {
      const { activeTab } = vscode.window.tabGroups.activeTabGroup;
      return activeTab?.input instanceof vscode.TabInputTextDiff && activeTab;
    });
    assert.match(tab.label, /^Runs .+ ↔ .+/);
  });

  it('are taken up again from their checkpoint', async () => {
    const run = await trainedRun('resumed.nabla');
    const document = await openModel('resumed.nabla', model);
    await write(document, model.replace('steps = 5', 'steps = 8'));
    await analysed(document);
    await vscode.commands.executeCommand(commands.resumeRun, run);
    const { trainings } = await nabla();
    const training = trainings.of(document.uri.toString()).at(-1);
    assert.notEqual(training?.runId, run.runId);
    assert.equal(training?.phase, 'finished', training?.error);
    assert.deepEqual([training.outcome?.steps, training.recorder.series.steps], [8, [6, 7, 8]]);
  });

  it('are deleted when a person confirms', async () => {
    const run = await trainedRun('deleted.nabla');
    await answering(undefined, () =>
      Promise.resolve(vscode.commands.executeCommand(commands.deleteRun, run)),
    );
    assert.ok(await exists(run.saved.folder));
    await answering('Delete', () => Promise.resolve(vscode.commands.executeCommand(commands.deleteRun, run)));
    assert.equal(await exists(run.saved.folder), false);
  });
});

describe('data', () => {
  it('is read again when its file changes', async () => {
    const [folder] = vscode.workspace.workspaceFolders!;
    const file = vscode.Uri.joinPath(folder!.uri, 'watched.csv');
    await vscode.workspace.fs.writeFile(file, Buffer.from('a\n1\n2\n'));
    const document = await openModel(
      'watched.nabla',
      'data d = csv("watched.csv")\ninput x : [N] = d["a"]\nloss = sum(x)\n',
    );
    const session = await analysed(document);
    const loss = () => session.analysis?.names.find(({ name }) => name === 'loss')?.value?.mean;
    assert.equal(loss(), 3);
    await vscode.workspace.fs.writeFile(file, Buffer.from('a\n1\n2\n40\n'));
    await until('the sum follows', () => loss() === 43);
  });
});
