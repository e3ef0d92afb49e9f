import type { Theme } from './theme';

export interface ShellSetup {
  readonly theme: Theme;
  /** What `getState` answers: the state kept by an earlier instance of the webview. */
  readonly state: unknown;
  readonly body: string;
}

/** The page around the webview's bundle, with the content policy that the extension gives it. */
export function shellHtml(setup: ShellSetup, origin: string): string {
  const nonce = 'shell';
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${origin}`,
    `font-src ${origin}`,
    `img-src ${origin} blob: data:`,
    `connect-src ${origin}`,
    'worker-src blob:',
  ].join('; ');
  const data = JSON.stringify({ theme: setup.theme, state: setup.state }).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/shell.css">
  <script type="application/json" id="shell-setup">${data}</script>
  <script nonce="${nonce}" src="/shell.js"></script>
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <link rel="stylesheet" id="__________cytoscape_stylesheet" href="/dist/webview/main.css">
</head>
<body>
  ${setup.body}
  <script nonce="${nonce}" src="/dist/webview/main.js"></script>
</body>
</html>
`;
}
