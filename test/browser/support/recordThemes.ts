// Records what a webview sees of VS Code's themes into `themes/`:  tsx test/browser/support/recordThemes.ts
import fs from 'node:fs';
import path from 'node:path';
import { makeScratchFolder } from '../../vscode/host/scratch';
import { VSCodeWindow } from '../../vscode/support/driver';
import type { Theme, ThemeName } from './theme';

const titles: Readonly<Record<ThemeName, string>> = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  'high-contrast': 'Default High Contrast',
};

/** Parts of the workbench that no webview of ours resembles. */
const irrelevant =
  /^--(markdown|vscode-(activity|agent|banner|breadcrumb|chat|commandCenter|comments|debug|diff|editorBracket|editorGroup|editorOverview|editorSuggest|extension|git|inline|interactive|keybinding|menu|merge|minimap|multiDiff|notebook|notification|peekView|ports|profile|remote|scm|search|settings|statusBar|symbolIcon|tab|terminal|testing|titleBar|walkThrough|welcome))/;

async function record(theme: ThemeName, folder: string): Promise<Theme> {
  const window = await VSCodeWindow.open({
    folder,
    file: path.join(folder, 'note.md'),
    extension: undefined,
    settings: { 'workbench.colorTheme': titles[theme], 'window.autoDetectColorScheme': false },
  });
  try {
    await window.runCommand('Markdown: Open Preview');
    const preview = await window.webview('h1');
    const { kind, variables } = await preview.locator('html').evaluate(({ style, ownerDocument }) => ({
      kind: ownerDocument.body.dataset.vscodeThemeKind ?? '',
      variables: Array.from(style, name => [name, style.getPropertyValue(name)] as const),
    }));
    return {
      kind,
      variables: Object.fromEntries(variables.filter(([name]) => !irrelevant.test(name)).sort()),
    };
  } finally {
    await window.close();
  }
}

async function main(): Promise<void> {
  const folder = makeScratchFolder();
  fs.writeFileSync(path.join(folder, 'note.md'), '# Note\n');
  for (const name of Object.keys(titles) as ThemeName[]) {
    const theme = await record(name, folder);
    const file = path.join(__dirname, 'themes', `${name}.json`);
    fs.writeFileSync(file, `${JSON.stringify(theme, null, 2)}\n`);
    console.log(`${name}: ${theme.kind}, ${Object.keys(theme.variables).length} variables`);
  }
}

void main();
