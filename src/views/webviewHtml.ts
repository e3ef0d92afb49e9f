import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** Where the webview's bundle lies in the extension. */
export function webviewRoot(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist', 'webview');
}

/** The page around the webview's bundle. Its content policy allows nothing that is not ours. */
export function webviewHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(webviewRoot(extension), name));
  const ours = webview.cspSource;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${ours}`,
    `font-src ${ours}`,
    `img-src ${ours} blob: data:`,
    `connect-src ${ours}`,
    'worker-src blob:',
  ].join('; ');
  // the id keeps cytoscape from adding an inline style sheet, which the policy would refuse
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" id="__________cytoscape_stylesheet" href="${file('main.css')}">
  <title>Nabla</title>
</head>
<body>
  <script nonce="${nonce}" src="${file('main.js')}"></script>
</body>
</html>
`;
}
