import path from 'node:path';

/** The root of the checkout. */
export const projectRoot = path.resolve(__dirname, '../../..');

/** Everything that is downloaded lands here; never in `node_modules`, so that `npm ci` stays light. */
export const cacheDir = path.join(projectRoot, '.vscode-test');
