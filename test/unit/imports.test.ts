import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/**
 * Which way imports run, as ARCHITECTURE.md draws it: a file may import from its own part and from parts listed for
 * it, never the other way round. `pure` parts of `language` and `graph` come with types only where marked.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  base: [],
  graph: ['base'],
  ops: ['base', 'graph'],
  autodiff: ['base', 'graph', 'ops'],
  data: ['base', 'graph'],
  library: ['base', 'graph', 'ops', 'autodiff', 'data'],
  // Pure text work: types of the graph and the table of signatures.
  language: [
    'base',
    'graph/types',
    'library/signature',
    'library/signatures',
    'library/trainKeys',
    'drawing',
  ],
  'language/features': [
    'base',
    'language',
    'library/signature',
    'library/signatures',
    'library/trainKeys',
    'drawing',
    'worker/protocol',
  ],
  'language/lower': ['base', 'graph', 'ops', 'autodiff', 'data', 'library', 'language'],
  runtime: ['base', 'graph', 'ops', 'autodiff'],
  interop: ['base', 'graph', 'ops', 'library'],
  training: [
    'base',
    'graph',
    'ops',
    'autodiff',
    'data',
    'library',
    'language',
    'language/lower',
    'runtime',
    'interop',
  ],
  drawing: ['base'],
  worker: [
    ...[
      'base',
      'graph',
      'ops',
      'autodiff',
      'data',
      'library',
      'language',
      'language/lower',
      'runtime',
      'interop',
    ],
    ...['training', 'drawing'],
  ],
  editor: [
    'base',
    'language',
    'worker/protocol',
    'worker/engineClient',
    'worker/engineError',
    'drawing',
    'views',
    'ids',
    'commands',
  ],
  views: [
    'base',
    'language',
    'worker/protocol',
    'worker/engineClient',
    'worker/engineError',
    'drawing',
    'editor',
    'ids',
    'commands',
  ],
  commands: [
    'base',
    'language',
    'worker/protocol',
    'worker/engineClient',
    'worker/engineError',
    'drawing',
    'views',
    'editor',
    'ids',
  ],
  cli: [
    ...[
      'base',
      'graph',
      'ops',
      'autodiff',
      'data',
      'library',
      'language',
      'language/lower',
      'runtime',
      'interop',
    ],
    ...['training', 'drawing', 'worker'],
  ],
  webview: ['views/protocol', 'base', 'drawing'],
};

/** Files of `language` that compose or hold lowered models count as lowering. */
const lowering = new Set(['language/analyze', 'language/model']);

const root = resolve(__dirname, '../..');

function partOf(path: string): string {
  if (path.startsWith('webview/')) return 'webview';
  const inside = path.replace(/^src\//, '').replace(/\.tsx?$/, '');
  if (inside.startsWith('language/lower/') || lowering.has(inside)) return 'language/lower';
  if (inside.startsWith('language/features/')) return 'language/features';
  const [first] = inside.split('/');
  return first!;
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)));
}

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/^(?:import|export)\b[^'"]*?['"](\.[^'"]+)['"]/gm);
  return [...found].map(match => ({
    from: file,
    to: relative(root, resolve(root, dirname(file), match[1]!)),
  }));
}

describe('imports', () => {
  const files = [...filesUnder('src'), ...filesUnder('webview')];
  const imports = files.flatMap(importsOf).filter(({ to }) => /^(src|webview)\//.test(to));

  it('run in one direction', () => {
    const wrong = imports.filter(({ from, to }) => {
      const part = partOf(from);
      const target = partOf(to);
      // The entries wire everything together.
      if (part === target || part === 'extension' || from === 'src/cli.ts') return false;
      const path = to.replace(/^src\//, '');
      const rules = allowed[part] ?? [];
      return !rules.some(rule => rule === target || path === rule || path.startsWith(`${rule}/`));
    });
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} -> ${to}`),
      [],
    );
  });

  it('never reach the extension entry', () => {
    assert.deepEqual(
      imports.filter(({ to }) => to === 'src/extension'),
      [],
    );
  });

  it('keep vscode out of the engine and its views of the browser', () => {
    const engine = new Set(['extension', 'editor', 'views', 'commands']);
    const wrong = files.filter(file => {
      const inEditor = engine.has(partOf(file)) || file === 'src/worker/engineClient.ts';
      return !inEditor && /from 'vscode'/.test(readFileSync(join(root, file), 'utf8'));
    });
    assert.deepEqual(wrong, []);
  });

  it('go through one file for each library of the webview', () => {
    const users = (library: string): string[] =>
      files.filter(file =>
        new RegExp(`^import (?!type )[^;]*from '${library}`, 'm').test(
          readFileSync(join(root, file), 'utf8'),
        ),
      );
    assert.deepEqual(users('cytoscape'), ['webview/graph.ts']);
    assert.deepEqual(users('@vscode/webview-ui-toolkit'), ['webview/controls.ts']);
  });
});
