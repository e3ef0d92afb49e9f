import path from 'node:path';
import type * as vscode from 'vscode';

/** Puts `nabla` on the path of VS Code's terminals, run by the Node that runs this extension: none has to be installed. */
export function offerCommandLine(context: vscode.ExtensionContext): void {
  const { environmentVariableCollection: variables } = context;
  variables.description = 'Makes the command `nabla` available.';
  // a folder at the end: a `nabla` that the person has installed goes first
  variables.append('PATH', `${path.delimiter}${context.asAbsolutePath(path.join('dist', 'bin'))}`);
  variables.replace('NABLA_NODE', process.execPath);
}
