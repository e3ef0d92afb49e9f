import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Training } from '../../src/editor/trainings';
import { commands } from '../../src/ids';
import { analysed, answering, nabla, openModel, positionOf, until, write } from './support/models';

const parabola = (steps: number) => `param w = 0
loss = (w - 3) ** 2
train loss {
  optimizer = sgd(lr = 0.1)
  steps = ${steps}
}
`;

/** Long enough to be stopped by hand. */
const endless = parabola(50_000_000);

const run = (command: string, uri: vscode.Uri) => vscode.commands.executeCommand(command, uri);

async function trainingOf(document: vscode.TextDocument): Promise<Training> {
  const { trainings } = await nabla();
  return until('the training moves', () => {
    const active = trainings.active(document.uri.toString());
    return active && active.recorder.lastStep > 0 && active;
  });
}

describe('training', function () {
  this.timeout(60_000);

  afterEach(async () => {
    const { trainings } = await nabla();
    for (const training of trainings.all) {
      if (training.isActive) await run(commands.stop, vscode.Uri.parse(training.uri));
    }
  });

  it('goes to the end, shows the result, and leaves a run', async () => {
    const document = await openModel('parabola.nabla', parabola(200));
    const session = await analysed(document);
    await run(commands.train, document.uri);
    const { trainings } = await nabla();
    const training = trainings.of(document.uri.toString()).at(-1);
    assert.equal(training?.phase, 'finished', training?.error);
    assert.equal(training.outcome?.steps, 200);
    assert.ok(training.outcome.loss! < 1e-6, String(training.outcome.loss));
    assert.equal(training.recorder.series.steps.length, 200);
    const shown = await until('the result is shown', () => {
      const { analysis } = session;
      return analysis?.state.runId === training.runId && analysis.state.step === 200 && analysis;
    });
    const w = shown.names.find(({ name }) => name === 'w');
    assert.ok(Math.abs(w!.value!.mean - 3) < 1e-3);
    const folder = vscode.Uri.joinPath(document.uri, '..', '.nabla', 'runs', training.runId, 'run.json');
    const record = JSON.parse(Buffer.from(await vscode.workspace.fs.readFile(folder)).toString());
    assert.equal(record.phase, 'finished');
  });

  it('shows the branch that a step has led to, without an edit', async () => {
    const text = `param w = 1.2
if w > 1 { loss = w ** 2 } else { loss = 5 * w ** 2 }
train loss { optimizer = sgd(lr = 0.1); steps = 1000 }
`;
    const document = await openModel('branches.nabla', text);
    const session = await analysed(document);
    const loss = () => session.analysis?.names.findLast(({ name }) => name === 'loss')?.value?.mean ?? 0;
    assert.ok(Math.abs(loss() - 1.44) < 1e-9);
    const hover = async (piece: string): Promise<string> => {
      const found = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        positionOf(document, piece),
      );
      return found
        .flatMap(({ contents }) => contents.map(each => (each as vscode.MarkdownString).value))
        .join(' ');
    };
    assert.match(await hover('5 * w'), /^Not taken for these values: w \\> 1 is true$/);
    await run(commands.step, document.uri); // w = 0.96
    await until('the other branch is shown', () => Math.abs(loss() - 5 * 0.96 ** 2) < 1e-5);
    const { trainings } = await nabla();
    assert.equal(trainings.active(document.uri.toString())?.recorder.lastStep, 1);
    assert.match(await hover('loss = w **'), /Not taken for these values: w \\> 1 is false/);
    assert.equal(await hover('5 * w'), '');
  });

  it('stops', async () => {
    const document = await openModel('stopped.nabla', endless);
    await analysed(document);
    const ended = run(commands.train, document.uri);
    const training = await trainingOf(document);
    await run(commands.stop, document.uri);
    await ended;
    assert.equal(training.phase, 'stopped');
    assert.ok(training.outcome!.steps > 0);
  });

  it('pauses, takes one step, and goes on', async () => {
    const document = await openModel('paused.nabla', endless);
    await analysed(document);
    const ended = run(commands.train, document.uri);
    const training = await trainingOf(document);
    await run(commands.pause, document.uri);
    await until('it is paused', () => training.phase === 'paused');
    const { lastStep } = training.recorder;
    await run(commands.step, document.uri);
    await until('it took one step', () => training.recorder.lastStep === lastStep + 1);
    assert.equal(training.phase, 'paused');
    await run(commands.pause, document.uri);
    await until('it goes on', () => training.recorder.lastStep > lastStep + 1);
    await run(commands.stop, document.uri);
    await ended;
  });

  it('begins with one step by hand', async () => {
    const document = await openModel('byHand.nabla', endless);
    await analysed(document);
    await run(commands.step, document.uri);
    const training = await trainingOf(document);
    assert.equal(training.recorder.lastStep, 1);
    await until('it waits', () => training.phase === 'paused');
    await run(commands.stop, document.uri);
    assert.equal(training.phase, 'stopped');
  });

  it('asks before a second training of one file', async () => {
    const document = await openModel('twice.nabla', endless);
    await analysed(document);
    const { trainings } = await nabla();
    const first = run(commands.train, document.uri);
    const training = await trainingOf(document);

    const refused = await answering(undefined, () => Promise.resolve(run(commands.train, document.uri)));
    assert.match(refused[0] ?? '', /is being trained/);
    assert.ok(training.isActive, 'cancel leaves the first alone');

    let second: Thenable<unknown> = Promise.resolve();
    await answering('Stop It and Start Anew', async () => {
      second = run(commands.train, document.uri);
      await first;
    });
    assert.equal(training.phase, 'stopped');
    const next = await trainingOf(document);
    assert.notEqual(next, training);
    assert.equal(trainings.of(document.uri.toString()).filter(each => each.isActive).length, 1);
    await run(commands.stop, document.uri);
    await second;
  });

  it('goes on with its own text when the file is edited, and survives its deletion', async () => {
    const document = await openModel('edited.nabla', endless);
    const session = await analysed(document);
    const ended = run(commands.train, document.uri);
    const training = await trainingOf(document);
    await write(document, endless.replace('- 3', '- 4'));
    await session.upToDate();
    await vscode.workspace.fs.delete(document.uri);
    const { lastStep } = training.recorder;
    await until('it goes on', () => training.recorder.lastStep > lastStep);
    await run(commands.stop, document.uri);
    await ended;
    assert.equal(training.phase, 'stopped', training.error);
  });

  it('goes on under the new name of its file', async () => {
    const document = await openModel('oldName.nabla', endless);
    await analysed(document);
    const ended = run(commands.train, document.uri);
    const training = await trainingOf(document);
    const renamed = vscode.Uri.joinPath(document.uri, '..', 'newName.nabla');
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(document.uri, renamed, { overwrite: true });
    await vscode.workspace.applyEdit(edit);
    await until('the training has followed', () => training.uri === renamed.toString());
    const { lastStep } = training.recorder;
    await until('it goes on', () => training.recorder.lastStep > lastStep);
    await run(commands.stop, renamed);
    await ended;
    assert.equal(training.phase, 'stopped', training.error);
  });

  it('shows the same start again', async () => {
    const document = await openModel('reset.nabla', parabola(20));
    const session = await analysed(document);
    await run(commands.train, document.uri);
    await until('the result is shown', () => session.analysis?.state.step === 20);
    await run(commands.reset, document.uri);
    await until('the start is shown', () => session.analysis?.state.runId === undefined);
    const w = session.analysis?.names.find(({ name }) => name === 'w');
    assert.equal(w?.value?.mean, 0);
  });

  it('reports an engine that dies, and the next command works', async () => {
    const document = await openModel('killed.nabla', endless);
    await analysed(document);
    const { engine, trainings } = await nabla();
    let ended: Thenable<unknown> = Promise.resolve();
    const said = await answering(undefined, async () => {
      ended = run(commands.train, document.uri);
      await trainingOf(document);
      const { thread } = engine as unknown as { thread: { worker: { terminate(): Promise<number> } } };
      await thread.worker.terminate();
      await ended;
    });
    const training = trainings.of(document.uri.toString()).at(-1);
    assert.equal(training?.phase, 'failed');
    assert.ok(
      said.some(sentence => /stopped unexpectedly/.test(sentence)),
      said.join('\n'),
    );
    await write(document, parabola(10));
    await run(commands.train, document.uri);
    assert.equal(trainings.of(document.uri.toString()).at(-1)?.phase, 'finished');
  });

  it('does not begin while the model has errors', async () => {
    const document = await openModel('broken.nabla', 'param w = 0\nloss = (w - v) ** 2\ntrain loss {}\n');
    const said = await answering(undefined, () => Promise.resolve(run(commands.train, document.uri)));
    assert.match(said[0] ?? '', /cannot be trained/);
  });

  it('does not begin without a parameter', async () => {
    const document = await openModel('constant.nabla', 'w = 2\nloss = w ** 2\n');
    const said = await answering(undefined, () => Promise.resolve(run(commands.train, document.uri)));
    assert.deepEqual(said, ['There is nothing to train: the model has no parameter.']);
  });
});
