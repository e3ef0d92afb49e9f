import * as vscode from 'vscode';

const { fs } = vscode.workspace;

export async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

/** What a copy would meet: no file, one with the same contents, or another one. */
export async function targetOf(
  source: vscode.Uri,
  target: vscode.Uri,
): Promise<'free' | 'same' | 'different'> {
  if (!(await exists(target))) return 'free';
  const [left, right] = await Promise.all([fs.readFile(source), fs.readFile(target)]);
  return Buffer.compare(left, right) === 0 ? 'same' : 'different';
}

/** Writes a file, and its folder, so that it is there as a whole or not at all. */
export async function writeWhole(uri: vscode.Uri, contents: Uint8Array): Promise<void> {
  const partial = uri.with({ path: `${uri.path}.partial` });
  try {
    await fs.writeFile(partial, contents);
    await fs.rename(partial, uri, { overwrite: true });
  } catch (error) {
    if (await exists(partial)) await fs.delete(partial);
    throw error;
  }
}
