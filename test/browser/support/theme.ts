import fs from 'node:fs';
import path from 'node:path';

export const themeNames = ['dark', 'light', 'high-contrast'] as const;
export type ThemeName = (typeof themeNames)[number];

export interface Theme {
  /** The class that VS Code gives the body. */
  readonly kind: string;
  /** `--vscode-editor-background` and all the others. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Dark Modern, Light Modern or Dark High Contrast, as recorded from VS Code by `recordThemes.ts`. */
export function readTheme(name: ThemeName): Theme {
  return JSON.parse(fs.readFileSync(path.join(__dirname, 'themes', `${name}.json`), 'utf8')) as Theme;
}
