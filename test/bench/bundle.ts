import path from 'node:path';
import { projectRoot } from '../vscode/host/paths';

/** The bundle of one of the processes in `peers`, which `node esbuild.mjs --bench` makes. */
export function bundle(name: 'fresh' | 'nabla' | 'tfjs'): string {
  return path.join(projectRoot, 'dist/test/bench', `${name}.js`);
}
