import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the bundles, and from the sources where the build puts them. */
const PLACES = ['kernels.wasm', '../../../dist/kernels.wasm'].map(place => join(__dirname, place));

/** The smallest module with a vector instruction: a function that makes one and drops it. */
const VECTORS = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x1a, 0x0b],
]);

type Outcome = { readonly module: WebAssembly.Module } | { readonly missing: string };
let outcome: Outcome | undefined;

/**
 * What `src/kernels` compiles to: functions from vectors to vectors, and kernels on bytes of the memory that it is
 * given as `env.memory`. Loaded once; undefined where there is none.
 */
export function kernelLibrary(): WebAssembly.Module | undefined {
  outcome ??= load();
  return 'module' in outcome ? outcome.module : undefined;
}

/** Why there is no library and what follows, to be read after a semicolon; undefined when there is one. */
export function missingKernels(): string | undefined {
  outcome ??= load();
  return 'missing' in outcome ? `${outcome.missing}, so that it is JavaScript alone` : undefined;
}

function load(): Outcome {
  if (!WebAssembly.validate(VECTORS)) return { missing: 'this platform has no WebAssembly vectors' };
  const file = PLACES.find(place => existsSync(place));
  if (!file) return { missing: 'kernels.wasm, which npm run build makes, is not there' };
  try {
    return { module: new WebAssembly.Module(readFileSync(file)) };
  } catch (error) {
    return { missing: `${file} cannot be read (${(error as Error).message})` };
  }
}
