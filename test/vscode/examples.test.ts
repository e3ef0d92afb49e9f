import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../src/ids';
import { analysed, nabla, openExample, until } from './support/models';

const examples = ['sigmoid', 'iris', 'xor', 'digits', 'hinge'];

describe('examples', function () {
  this.timeout(120_000);

  for (const example of examples) {
    it(`${example} has no problems, its checks hold, and it trains`, async () => {
      const document = await openExample(`${example}.nabla`);
      const session = await analysed(document);
      const analysis = await until('there are values', () => session.analysis?.evaluated && session.analysis);
      const problems = vscode.languages
        .getDiagnostics(document.uri)
        .filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning);
      assert.deepEqual(
        problems.map(({ message }) => message),
        [],
      );
      assert.ok(analysis.checks.length > 0);
      for (const check of analysis.checks) assert.ok(check.pass, check.message);
      if (!/^train /m.test(document.getText())) return;
      await vscode.commands.executeCommand(commands.train, document.uri);
      const { trainings } = await nabla();
      const training = trainings.of(document.uri.toString()).at(-1);
      assert.equal(training?.phase, 'finished', training?.error);
      const { losses } = training.recorder.series;
      assert.ok(losses.at(-1)! < losses[0]!, 'the loss has fallen');
    });
  }

  it('digits follows an edit quickly', async () => {
    const document = await openExample('digits.nabla');
    const session = await analysed(document);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, '\n');
      const before = performance.now();
      await vscode.workspace.applyEdit(edit);
      await until('values of the new text', () => session.isCurrent && session.analysis?.evaluated);
      times.push(performance.now() - before);
    }
    const median = times.sort((a, b) => a - b)[2]!;
    console.log(`      edit to values of digits.nabla: ${median.toFixed(0)} ms`);
    assert.ok(median < 1_000, `${median} ms`);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});
