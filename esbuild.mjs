// Builds every bundle:  node esbuild.mjs [--watch] [--production] [--tests] [--bench]
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { buildKernels } from './src/kernels/build.mjs';

const { values: flags } = parseArgs({
  options: {
    watch: { type: 'boolean', default: false },
    /** For the package: minified, without source maps. */
    production: { type: 'boolean', default: false },
    /** Also the tests that run inside VS Code. */
    tests: { type: 'boolean', default: false },
    /** Also the benchmark and the processes that it starts. */
    bench: { type: 'boolean', default: false },
  },
});

/** @type {esbuild.BuildOptions} What runs in Node: the extension host, its worker and the terminal. */
const node = { platform: 'node', target: 'node20', format: 'cjs' };

/** @type {esbuild.BuildOptions} What runs in a webview of the oldest VS Code that we support. */
const browser = { platform: 'browser', target: 'chrome132', format: 'iife' };

/**
 * Builds one bundle, and again at every change when watching.
 * @param {esbuild.BuildOptions} options
 */
async function build(options) {
  /** @type {esbuild.BuildOptions} */
  const settings = {
    bundle: true,
    sourcemap: flags.production ? false : 'linked',
    minify: flags.production,
    metafile: true,
    logLevel: 'warning',
    plugins: [{ name: 'report', setup: ({ onEnd }) => onEnd(report) }],
    ...options,
  };
  if (flags.watch) await (await esbuild.context(settings)).watch();
  else await esbuild.build(settings).catch(() => process.exit(1)); // it has printed what is wrong
}

/**
 * Prints the sizes, and makes the command line executable.
 * @param {esbuild.BuildResult} result
 */
function report({ metafile }) {
  for (const [file, { bytes }] of Object.entries(metafile?.outputs ?? {})) {
    if (file.endsWith('.map')) continue;
    console.log(`${file.padEnd(32)} ${(bytes / 1024).toFixed(1).padStart(8)} KB`);
    if (file === 'dist/cli.js') fs.chmodSync(file, 0o755);
  }
}

/** `nabla` for the terminals of VS Code, which run it on the Node that VS Code brings along. */
function writeLaunchers() {
  const shell = `#!/bin/sh
here=$(dirname -- "$0")
ELECTRON_RUN_AS_NODE=1 exec "\${NABLA_NODE:-node}" "$here/../cli.js" "$@"
`;
  const batch = [
    '@echo off',
    'setlocal',
    'set ELECTRON_RUN_AS_NODE=1',
    'if "%NABLA_NODE%"=="" set NABLA_NODE=node',
    '"%NABLA_NODE%" "%~dp0..\\cli.js" %*',
    '',
  ];
  fs.mkdirSync('dist/bin', { recursive: true });
  fs.writeFileSync('dist/bin/nabla', shell, { mode: 0o755 });
  fs.writeFileSync('dist/bin/nabla.cmd', batch.join('\r\n'));
}

await build({
  ...node,
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  external: ['vscode'],
});
await build({ ...node, entryPoints: ['src/worker/engineWorker.ts'], outfile: 'dist/engineWorker.js' });
await build({
  ...node,
  entryPoints: ['src/runtime/onnx/parallel/shareWorker.ts'],
  outfile: 'dist/shareWorker.js',
});
await build({
  ...node,
  entryPoints: ['src/cli.ts'],
  outfile: 'dist/cli.js',
  banner: { js: '#!/usr/bin/env node' },
});
writeLaunchers();
await buildKernels();
await build({ ...browser, entryPoints: ['webview/main.ts'], outfile: 'dist/webview/main.js' });
await build({
  ...browser,
  entryPoints: ['webview/layoutWorker.ts'],
  outfile: 'dist/webview/layoutWorker.js',
});
if (flags.tests) {
  fs.rmSync('dist/test', { recursive: true, force: true }); // tests that have been renamed or removed
  await build({
    ...node,
    // one bundle per file; `index.ts` runs all that lie in the folder, so none can be forgotten
    entryPoints: ['test/vscode/index.ts', 'test/vscode/**/*.test.ts'],
    outdir: 'dist/test',
    external: ['vscode', 'mocha'],
  });
}
if (flags.bench) {
  // bundled as the product is, since what runs TypeScript as it stands slows it down
  await build({
    ...node,
    entryPoints: [
      'test/bench/main.ts',
      'test/bench/peers/fresh.ts',
      'test/bench/peers/nabla.ts',
      'test/bench/peers/tfjs.ts',
      'src/runtime/onnx/parallel/shareWorker.ts',
    ],
    entryNames: '[name]', // side by side, so that each finds the others and the root
    outdir: 'dist/test/bench',
    external: ['@vscode/test-electron', 'playwright-core'],
    ignoreAnnotations: true, // TensorFlow.js says that importing a backend does nothing, and it registers itself
  });
}
