import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { nabla, until } from './support/models';

describe('terminal', function () {
  this.timeout(60_000);

  it('knows the command nabla', async () => {
    await nabla();
    const out = path.join(mkdtempSync(path.join(tmpdir(), 'nabla-')), 'version.txt');
    const terminal = vscode.window.createTerminal('nabla');
    try {
      terminal.sendText(`nabla --version > "${out}"`);
      const read = () => {
        try {
          return readFileSync(out, 'utf8').trim();
        } catch {
          return undefined; // the shell has not come so far
        }
      };
      const version = await until('nabla says its version', read, 30_000);
      assert.match(version, /^\d+\.\d+\.\d+$/);
    } finally {
      terminal.dispose();
    }
  });
});
