import path from 'node:path';
import * as vscode from 'vscode';
import { commands, languageId } from '../ids';
import { besideModel, type MovedModel } from './besideModel';
import { type CommandContext, command } from './context';
import { courseFiles, type Example, firstExamples } from './exampleList';
import { exists, targetOf, writeWhole } from './files';

interface Choice extends vscode.QuickPickItem {
  readonly chosen?: Example | 'empty' | 'course';
}

const { fs } = vscode.workspace;

/** New Model File: an empty one, or a copy of an example together with what it reads. */
export function registerNewModel(context: CommandContext): vscode.Disposable[] {
  return [command(context, commands.newModel, () => newModel(context))];
}

async function newModel({ extension }: CommandContext): Promise<void> {
  const picked = await vscode.window.showQuickPick(choices(extension), {
    title: 'New Model File',
    placeHolder: 'Begin with',
    matchOnDetail: true,
  });
  const chosen = picked?.chosen;
  if (!chosen) return;
  if (chosen === 'course') await vscode.commands.executeCommand(commands.openCourse);
  else if (chosen === 'empty') await openEmpty();
  else await openCopy(chosen);
}

async function choices(extension: vscode.Uri): Promise<Choice[]> {
  const [first, course] = await Promise.all([firstExamples(extension), courseFiles(extension)]);
  const item = (example: Example): Choice => ({
    label: example.name,
    detail: example.title,
    chosen: example,
  });
  const separator = (label: string): Choice => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const whole = 'Every file and its data, in a folder of your own.';
  return [
    separator('Start here'),
    { label: 'Empty model', detail: 'A new file without a name.', chosen: 'empty' },
    ...first.map(item),
    separator('The course'),
    { label: '$(mortar-board) The whole course', detail: whole, chosen: 'course' },
    ...course.map(item),
  ];
}

async function openEmpty(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: languageId, content: '' });
  await vscode.window.showTextDocument(document);
}

async function openCopy({ file, name }: Example): Promise<void> {
  const target = await askTarget(name);
  if (!target) return;
  const copy = besideModel(new TextDecoder().decode(await fs.readFile(file)));
  const kept = await copyFiles(copy, file, target);
  await writeWhole(target, new TextEncoder().encode(copy.text));
  await vscode.window.showTextDocument(target);
  if (kept.length === 0) return;
  void vscode.window.showWarningMessage(
    `${kept.join(', ')} exists already with other contents and was left as it is. The model reads that file.`,
  );
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

/** Copies what the model reads to where its text looks for it. Returns what was there, different, and is kept. */
async function copyFiles({ files }: MovedModel, from: vscode.Uri, to: vscode.Uri): Promise<string[]> {
  const kept: string[] = [];
  for (const file of files) {
    const source = vscode.Uri.joinPath(from, '..', file.from);
    const target = vscode.Uri.joinPath(to, '..', file.to);
    const state = await targetOf(source, target);
    if (state === 'free') await writeWhole(target, await fs.readFile(source));
    if (state === 'different') kept.push(file.to);
  }
  return kept;
}
