import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/ids';
import { analysed, nabla, openExample, until } from './support/models';

/** What `nabla train` comes to, on the Node that runs the extension. */
function lossInTerminal(file: string): number {
  const { extensionPath } = vscode.extensions.getExtension('nabla.nabla')!;
  const cli = path.join(extensionPath, 'dist', 'cli.js');
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const out = execFileSync(process.execPath, [cli, 'train', file, '--json'], { env, encoding: 'utf8' });
  const [done] = out.trim().split('\n').slice(-1);
  return (JSON.parse(done!) as { loss: number }).loss;
}

const examples = ['sigmoid', 'iris', 'xor', 'digits', 'hinge'];

describe('examples', function () {
  this.timeout(120_000);

  for (const example of examples) {
    it(`${example} has no problems, its checks hold, and it trains as in the terminal`, async () => {
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
      await vscode.commands.executeCommand(commands.train, document.uri);
      const { trainings } = await nabla();
      const training = trainings.of(document.uri.toString()).at(-1);
      assert.equal(training?.phase, 'finished', training?.error);
      const { losses } = training.recorder.series;
      assert.notEqual(losses.at(-1), losses[0], 'the loss has moved');
      assert.equal(training.outcome?.loss, lossInTerminal(document.fileName));
    });
  }
});
