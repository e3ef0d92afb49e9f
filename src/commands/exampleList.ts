import * as vscode from 'vscode';

/** A model that comes with the extension. */
export interface Example {
  readonly file: vscode.Uri;
  readonly name: string;
  /** What it is about: the first line of its first comment. */
  readonly title: string;
}

/** The folder with the data that examples read, which holds the course too. */
export function examplesFolder(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'examples');
}

/** From the simplest on; others follow. */
const order = ['sigmoid.nabla', 'hinge.nabla', 'xor.nabla', 'iris.nabla', 'digits.nabla'];

export async function firstExamples(extension: vscode.Uri): Promise<Example[]> {
  const place = ({ name }: Example): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const examples = await examplesIn(examplesFolder(extension));
  return examples.sort((a, b) => place(a) - place(b));
}

/** The files of the course in its order. */
export function courseFiles(extension: vscode.Uri): Promise<Example[]> {
  return examplesIn(vscode.Uri.joinPath(examplesFolder(extension), 'course'));
}

async function examplesIn(folder: vscode.Uri): Promise<Example[]> {
  const { fs } = vscode.workspace;
  const names = (await fs.readDirectory(folder)).map(([name]) => name);
  return Promise.all(
    names
      .filter(name => name.endsWith('.nabla'))
      .sort()
      .map(async name => {
        const file = vscode.Uri.joinPath(folder, name);
        const text = new TextDecoder().decode(await fs.readFile(file));
        return { file, name, title: /^\s*#\s*(.+)$/m.exec(text)?.[1] ?? '' };
      }),
  );
}
