// The smallest webview that uses everything the shell offers; `harness.test.ts` runs it.
const vscode = acquireVsCodeApi();
addEventListener('message', ({ data }) => {
  if (data.type === 'numbers') vscode.postMessage({ type: 'doubled', values: data.values.map(x => 2 * x) });
  if (data.type === 'keep') vscode.setState(data.value);
});
vscode.postMessage({ type: 'ready', state: vscode.getState() });
