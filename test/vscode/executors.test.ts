import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/ids';
import { analysed, nabla, openModel, until } from './support/models';

const net = (units: number, epochs: number): string => `data d = blobs(n = 64, classes = 4, features = 100)
input x : [N, 100] = d[:, 0:100]
input y : [N] int = d["label"]
loss = cross_entropy(dense(dense(x, ${units}, act = tanh), 4), y)
train loss { optimizer = adam(lr = 0.001); batch = 24; epochs = ${epochs} }
`;

/** What `nabla train` comes to on the Node that runs the extension, and what ran the steps there. */
function inTerminal(file: string): { loss: number; executor: string } {
  const { extensionPath } = vscode.extensions.getExtension('nabla.nabla')!;
  const cli = path.join(extensionPath, 'dist', 'cli.js');
  const folder = path.join(path.dirname(file), `${path.basename(file)}-run`);
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  execFileSync(process.execPath, [cli, 'train', file, '--out', folder], { env });
  return JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8')) as ReturnType<typeof inTerminal>;
}

describe('what runs the steps', function () {
  this.timeout(120_000);

  it('is chosen for each of two trainings at once, and both come to where the terminal comes', async () => {
    const large = await openModel('large.nabla', net(2000, 20));
    await analysed(large);
    const small = await openModel('small.nabla', net(4, 400));
    await analysed(small);
    const { trainings } = await nabla();
    const train = (uri: vscode.Uri) => vscode.commands.executeCommand(commands.train, uri);
    const both = Promise.all([train(large.uri), train(small.uri)]);
    await until('both train at once', () =>
      [large, small].every(({ uri }) => trainings.active(uri.toString()) !== undefined),
    );
    await both;
    for (const { uri, fileName } of [large, small]) {
      const training = trainings.of(uri.toString()).at(-1);
      assert.equal(training?.phase, 'finished', training?.error);
      const { loss, executor } = inTerminal(fileName);
      assert.equal(training.outcome?.loss, loss);
      assert.equal(training.executor, executor);
    }
    assert.equal(trainings.of(small.uri.toString()).at(-1)?.executor, 'js');
  });

  it('stops in the middle of long steps, and leaves the parameters after the last one', async () => {
    const document = await openModel(
      'long.nabla',
      net(2000, 1)
        .replace('n = 64', 'n = 4096')
        .replace('batch = 24; epochs = 1', 'batch = full; steps = 1000'),
    );
    const session = await analysed(document);
    const ended = vscode.commands.executeCommand(commands.train, document.uri);
    const { trainings } = await nabla();
    const training = await until(
      'a step is made',
      () => {
        const active = trainings.active(document.uri.toString());
        return active && active.recorder.lastStep > 0 && active;
      },
      60_000,
    );
    await vscode.commands.executeCommand(commands.stop, document.uri);
    await ended;
    assert.equal(training.phase, 'stopped');
    const { runId, outcome } = training;
    const folder = path.join(path.dirname(document.fileName), '.nabla', 'runs', runId);
    const record = JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([record.phase, record.steps], ['stopped', outcome!.steps]);
    assert.ok(readFileSync(path.join(folder, 'checkpoint.json'), 'utf8').length > 0);
    assert.ok(session.analysis);
  });
});
