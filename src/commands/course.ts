import path from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../ids';
import { type CommandContext, command } from './context';
import { examplesFolder } from './exampleList';
import { targetOf, writeWhole } from './files';

const { fs } = vscode.workspace;

/** The folder that is made where a person wants the course. */
const FOLDER = 'nabla-course';

/** Where one begins. */
const FIRST = 'course/01-scores.nabla';

/** Names of changed files that a question lists. */
const NAMED = 5;

/** Open the Course: all examples with their data in a folder of one's own, to be changed at will. */
export function registerCourse(context: CommandContext): vscode.Disposable[] {
  return [command(context, commands.openCourse, () => openCourse(context))];
}

async function openCourse({ extension }: CommandContext): Promise<void> {
  const chosen = await askFolder();
  if (!chosen) return;
  const target = path.posix.basename(chosen.path) === FOLDER ? chosen : vscode.Uri.joinPath(chosen, FOLDER);
  if (!(await copyCourse(examplesFolder(extension), target))) return;
  await vscode.window.showTextDocument(vscode.Uri.joinPath(target, FIRST));
  if (vscode.workspace.getWorkspaceFolder(target)) return;
  const open = 'Open Folder';
  const answer = await vscode.window.showInformationMessage(`The course is in ${target.fsPath}.`, open);
  if (answer === open) await vscode.commands.executeCommand('vscode.openFolder', target);
}

async function askFolder(): Promise<vscode.Uri | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const chosen = await vscode.window.showOpenDialog({
    title: `Where to put the course: a folder ${FOLDER} is made there`,
    openLabel: 'Copy the Course Here',
    canSelectFiles: false,
    canSelectFolders: true,
    ...(folder ? { defaultUri: folder.uri } : {}),
  });
  return chosen?.[0];
}

/** Files that are there and differ are a person's own work, and stay unless they may go. False when nothing is wanted. */
async function copyCourse(from: vscode.Uri, to: vscode.Uri): Promise<boolean> {
  const copies = await Promise.all(
    (await filesBelow(from)).map(async name => {
      const [source, target] = [vscode.Uri.joinPath(from, name), vscode.Uri.joinPath(to, name)];
      return { name, source, target, state: await targetOf(source, target) };
    }),
  );
  const different = copies.filter(({ state }) => state === 'different').map(({ name }) => name);
  const replaced = different.length > 0 ? await mayReplace(to, different) : false;
  if (replaced === undefined) return false;
  for (const { source, target, state } of copies) {
    if (state === 'free' || (state === 'different' && replaced)) {
      await writeWhole(target, await fs.readFile(source));
    }
  }
  return true;
}

async function mayReplace(folder: vscode.Uri, names: readonly string[]): Promise<boolean | undefined> {
  const [keep, replace] = ['Keep Mine', 'Replace'];
  const shown = names.slice(0, NAMED).join(', ');
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const answer = await vscode.window.showWarningMessage(
    `The course is in ${folder.fsPath} already, with changes in ${shown}${more}.`,
    { modal: true, detail: 'Keep the changed files, or replace them with those of the course?' },
    keep,
    replace,
  );
  return answer === undefined ? undefined : answer === replace;
}

/** Paths of all files, relative to the folder. */
async function filesBelow(folder: vscode.Uri): Promise<string[]> {
  const entries = await fs.readDirectory(folder);
  const lists = await Promise.all(
    entries.map(async ([name, type]) => {
      if (type !== vscode.FileType.Directory) return [name];
      const below = await filesBelow(vscode.Uri.joinPath(folder, name));
      return below.map(file => `${name}/${file}`);
    }),
  );
  return lists.flat().sort();
}
