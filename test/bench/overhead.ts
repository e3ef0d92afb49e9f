import fs from 'node:fs';
import path from 'node:path';
import { makeScratchFolder } from '../vscode/host/scratch';
import { time } from './measure';
import { load, trainerOf } from './peers/models';

/** What a step costs beside its arithmetic, on a graph where there is next to none. */
export interface Overhead {
  /** Of the chain, and nodes of the graph with its derivatives and the update. */
  readonly links: number;
  readonly nodes: number;
  readonly micros: number;
  /** From the text to the end of the first step. */
  readonly compileMilliseconds: number;
}

const LINKS = [10, 100, 1_000, 10_000];

/** Training steps of chains of scalars, each link a product and a tanh. */
export async function overheads(): Promise<Overhead[]> {
  const folder = makeScratchFolder();
  const results: Overhead[] = [];
  // The compiler itself is run warm first, as in an editor that has been open for a while.
  for (const links of [10, ...LINKS]) {
    const file = path.join(folder, `chain${links}.nabla`);
    fs.writeFileSync(file, chain(links));
    const start = performance.now();
    const loaded = await load(file);
    const trainer = trainerOf(loaded, { backend: 'auto' });
    trainer.step();
    const compileMilliseconds = performance.now() - start;
    const nodes = loaded.model.builder.graph.nodes.length;
    results.push({ links, nodes, micros: time(() => void trainer.step()), compileMilliseconds });
  }
  return results.slice(1);
}

function chain(links: number): string {
  return [
    'param w = 0.5',
    'h = w',
    `for i in 0..${links} {`,
    '  h = tanh(1.01 * h)',
    '}',
    'loss = h ** 2',
    'train loss { optimizer = sgd(lr = 1e-3); steps = 10 }',
    '',
  ].join('\n');
}
