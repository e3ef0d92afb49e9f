import path from 'node:path';
import * as vscode from 'vscode';
import { dataPaths } from '../editor/dataFiles';
import { commands, languageId } from '../ids';
import { Source } from '../language/source';
import { analyzeText } from '../language/text';
import { type CommandContext, command } from './context';

interface Example extends vscode.QuickPickItem {
  /** Absent for the empty model. */
  readonly file?: vscode.Uri;
}

const { fs } = vscode.workspace;

/** New Model File: an empty one, or a copy of an example together with its data. */
export function registerNewModel(context: CommandContext): vscode.Disposable[] {
  return [command(context, commands.newModel, () => newModel(context))];
}

async function newModel({ extension }: CommandContext): Promise<void> {
  const examples = vscode.Uri.joinPath(extension, 'examples');
  const picked = await vscode.window.showQuickPick(await listExamples(examples), {
    title: 'New Model File',
    placeHolder: 'Begin with',
    matchOnDetail: true,
  });
  if (!picked) return;
  if (!picked.file) {
    const document = await vscode.workspace.openTextDocument({ language: languageId, content: '' });
    await vscode.window.showTextDocument(document);
    return;
  }
  const target = await askTarget(path.posix.basename(picked.file.path));
  if (!target) return;
  const text = new TextDecoder().decode(await fs.readFile(picked.file));
  const missing = await copyData(text, examples, vscode.Uri.joinPath(target, '..'));
  await fs.writeFile(target, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(target);
  if (missing.length === 0) return;
  void vscode.window.showWarningMessage(
    `${missing.join(', ')} exists already with other contents and was left as it is. The model reads that file.`,
  );
}

async function listExamples(folder: vscode.Uri): Promise<Example[]> {
  const files = (await fs.readDirectory(folder))
    .map(([name]) => name)
    .filter(name => name.endsWith('.nabla'));
  const examples = await Promise.all(
    files.sort().map(async name => {
      const file = vscode.Uri.joinPath(folder, name);
      const text = new TextDecoder().decode(await fs.readFile(file));
      return { label: name, detail: firstComment(text), file };
    }),
  );
  return [{ label: 'Empty model', detail: 'A new file without a name.' }, ...examples];
}

/** What an example is about stands in its first comment. */
function firstComment(text: string): string {
  return /^\s*#\s*(.+)$/m.exec(text)?.[1] ?? '';
}

/** A name in the workspace's folder, or a place of one's own when no folder is open. */
async function askTarget(example: string): Promise<vscode.Uri | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) {
    return vscode.window.showSaveDialog({
      title: `Copy of ${example}`,
      filters: { 'Nabla model': ['nabla'] },
      saveLabel: 'Create',
    });
  }
  const name = await vscode.window.showInputBox({
    title: `Copy of ${example}`,
    prompt: `Name of the file in ${folder.name}; its data comes along`,
    value: await freeName(folder.uri, example),
    valueSelection: [0, example.length - '.nabla'.length],
    validateInput: value => validate(folder.uri, value),
  });
  return name === undefined ? undefined : vscode.Uri.joinPath(folder.uri, withExtension(name));
}

async function validate(folder: vscode.Uri, value: string): Promise<string | undefined> {
  if (!/^[^\\:*?"<>|]+$/.test(value.trim()) || value.split('/').includes('..')) {
    return 'A file name without \\ : * ? " < > | and ..';
  }
  const name = withExtension(value);
  return (await exists(vscode.Uri.joinPath(folder, name))) ? `${name} exists already.` : undefined;
}

function withExtension(name: string): string {
  const trimmed = name.trim();
  return trimmed.endsWith('.nabla') ? trimmed : `${trimmed}.nabla`;
}

async function freeName(folder: vscode.Uri, example: string): Promise<string> {
  const stem = path.posix.basename(example, '.nabla');
  for (let i = 1; ; i++) {
    const name = i === 1 ? example : `${stem}-${i}.nabla`;
    if (!(await exists(vscode.Uri.joinPath(folder, name)))) return name;
  }
}

/** Copies the data files beside the new model, where its text expects them. Returns those that were there, different. */
async function copyData(text: string, from: vscode.Uri, to: vscode.Uri): Promise<string[]> {
  const different: string[] = [];
  for (const file of dataPaths(analyzeText(new Source('', text)).file)) {
    const source = vscode.Uri.joinPath(from, file);
    const target = vscode.Uri.joinPath(to, file);
    if (source.toString() === target.toString() || !(await exists(source))) continue;
    if (!(await exists(target))) await fs.copy(source, target);
    else if (!(await sameContents(source, target))) different.push(file);
  }
  return different;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

async function sameContents(a: vscode.Uri, b: vscode.Uri): Promise<boolean> {
  const [left, right] = await Promise.all([fs.readFile(a), fs.readFile(b)]);
  return Buffer.compare(left, right) === 0;
}
