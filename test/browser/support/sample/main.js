// The smallest webview that uses everything the shell offers; `harness.test.ts` runs it.
const vscode = acquireVsCodeApi();
addEventListener('message', ({ data }) => {
  if (data.kind === 'snapshot') vscode.postMessage({ kind: 'copy', text: String(data.snapshot.version) });
  if (data.kind === 'select') {
    vscode.setState({ ...vscode.getState(), zoom: data.node });
    vscode.postMessage(data);
  }
});
vscode.postMessage({ kind: 'ready' });
