import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/ids';
import { analysed, until } from './support/models';

type Asked =
  | 'showQuickPick'
  | 'showInputBox'
  | 'showOpenDialog'
  | 'showWarningMessage'
  | 'showInformationMessage';
type Stubs = Partial<Record<Asked, (...args: never[]) => Promise<unknown>>>;

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
  const pick = (label: string) => async (items: Promise<readonly vscode.QuickPickItem[]>) => {
    const item = (await items).find(item => item.label === label);
    assert.ok(item, `${label} is offered`);
    return item;
  };
  const workspace = () => vscode.workspace.workspaceFolders![0]!.uri;

  it('offers every example under its title, in the order of the course', async () => {
    let offered: readonly vscode.QuickPickItem[] = [];
    const showQuickPick = async (items: Promise<readonly vscode.QuickPickItem[]>) => {
      offered = await items;
    };
    await stubbed({ showQuickPick }, () => vscode.commands.executeCommand(commands.newModel));
    const { Separator } = vscode.QuickPickItemKind;
    const [first, course] = ['Start here', 'The course'].map(label =>
      offered.findIndex(item => item.kind === Separator && item.label === label),
    );
    const labels = offered.map(({ label }) => label);
    const simple = ['sigmoid', 'hinge', 'xor', 'iris', 'digits'].map(name => `${name}.nabla`);
    assert.deepEqual(labels.slice(first! + 1, course), ['Empty model', ...simple]);
    const models = fs.readdirSync(path.join(workspace().fsPath, 'course')).sort();
    assert.deepEqual(labels.slice(course! + 2), models);
    const newton = offered.find(({ label }) => label === '15-newton.nabla');
    assert.match(newton?.detail ?? '', /^Newton's method: /);
  });

  for (const [file, read] of [
    ['04-zero-weights.nabla', 'data/iris.csv'],
    ['27-functions-and-layers.nabla', 'layers.nabla'],
  ] as const) {
    it(`copies ${file} of the course with ${read}`, async () => {
      const showInputBox = async () => `copied/${file}`;
      await stubbed({ showQuickPick: pick(file), showInputBox }, () =>
        vscode.commands.executeCommand(commands.newModel),
      );
      const { document } = vscode.window.activeTextEditor!;
      assert.equal(document.uri.fsPath, path.join(workspace().fsPath, 'copied', file));
      assert.ok(fs.existsSync(path.join(workspace().fsPath, 'copied', read)));
      const session = await analysed(document);
      assert.deepEqual(
        session.diagnostics.filter(({ severity }) => severity === 'error'),
        [],
      );
    });
  }

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

describe('the course', () => {
  const scratch = () => fs.mkdtempSync(path.join(os.tmpdir(), 'nabla-course-'));
  const filesIn = (folder: string) =>
    fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => fs.statSync(path.join(folder, file)).isFile())
      .sort();

  /** Opens the course in a folder, answering its questions; returns what was asked. */
  async function openIn(folder: string, answer?: string): Promise<string[]> {
    const asked: string[] = [];
    const showOpenDialog = async () => [vscode.Uri.file(folder)];
    const showWarningMessage = async (message: string) => {
      asked.push(message);
      return answer;
    };
    const showInformationMessage = async () => undefined;
    await stubbed({ showOpenDialog, showWarningMessage, showInformationMessage }, () =>
      vscode.commands.executeCommand(commands.openCourse),
    );
    return asked;
  }

  it('is copied as a whole, and its first file opened', async () => {
    const folder = scratch();
    assert.deepEqual(await openIn(folder), []);
    const copy = path.join(folder, 'nabla-course');
    const original = path.join(vscode.extensions.getExtension('nabla.nabla')!.extensionPath, 'examples');
    assert.deepEqual(filesIn(copy), filesIn(original));
    for (const file of filesIn(copy)) {
      const [ours, theirs] = [path.join(copy, file), path.join(original, file)];
      assert.ok(fs.readFileSync(ours).equals(fs.readFileSync(theirs)), file);
    }
    const { document } = vscode.window.activeTextEditor!;
    assert.equal(document.uri.fsPath, path.join(copy, 'course', '01-scores.nabla'));
  });

  it('leaves changed files alone unless they may be replaced, and brings back those deleted', async () => {
    const folder = scratch();
    await openIn(folder);
    const copy = path.join(folder, 'nabla-course');
    const changed = path.join(copy, 'course', '02-softmax.nabla');
    const deleted = path.join(copy, 'data', 'iris.csv');
    const original = fs.readFileSync(changed, 'utf8');
    fs.writeFileSync(changed, 'x = 1\n');
    fs.rmSync(deleted);

    const [question] = await openIn(copy);
    assert.match(question!, /nabla-course already, with changes in course\/02-softmax\.nabla\.$/);
    assert.ok(!fs.existsSync(deleted), 'a question without an answer writes nothing');
    await openIn(copy, 'Keep Mine');
    assert.ok(fs.existsSync(deleted));
    assert.equal(fs.readFileSync(changed, 'utf8'), 'x = 1\n');
    await openIn(folder, 'Replace');
    assert.equal(fs.readFileSync(changed, 'utf8'), original);
    assert.deepEqual(
      filesIn(copy).filter(file => file.endsWith('.partial')),
      [],
    );
  });
});
