import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../vscode/host/paths';
import type { Row } from './measure';

const GOAL = 3e6;

/** The size of the package that `npm run package` made last. */
export function packageRow(): Row {
  const name = 'nabla.vsix';
  const file = path.join(projectRoot, name);
  if (!fs.existsSync(file)) return { name, figure: '-', note: 'not there: npm run package makes it' };
  const { size, mtime } = fs.statSync(file);
  return {
    name,
    figure: `${(size / 1e6).toFixed(2)} MB`,
    note: `made ${mtime.toISOString()}; goal ${GOAL / 1e6} MB`,
    missed: size > GOAL,
  };
}
