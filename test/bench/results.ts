import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../vscode/host/paths';
import type { FreshResult } from './fresh';
import type { Machine } from './machine';
import type { Row } from './measure';
import { BenchUsageError, resultsFolder } from './options';
import type { Overhead } from './overhead';
import type { SpeedResults } from './speed';
import { printMarkdown, readmeTable } from './tables';
import { workloads } from './workloads';

/** All figures of one run; what was not asked for is absent. */
export interface Results {
  readonly machine: Machine;
  speed?: SpeedResults;
  fresh?: readonly FreshResult[];
  overhead?: readonly Overhead[];
  /** By section. */
  rows: Record<string, readonly Row[]>;
}

export function writeResults(file: string, results: Results): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

const BEGIN = '<!-- figures: npm run bench -- --readme -->';
const END = '<!-- end of figures -->';

/** Puts the figures of the latest run with all models into the README, between its two marks. */
export function fillReadme(): string {
  const readme = path.join(projectRoot, 'README.md');
  const text = fs.readFileSync(readme, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from)
    throw new BenchUsageError(`README.md has no place for figures: ${BEGIN} ... ${END}`);
  const { machine, speed } = latest();
  const { processor, cores, node, date } = machine;
  const engines = Object.values(speed.engines).filter((title, i, all) => all.indexOf(title) === i);
  const where =
    `Best of several interleaved rounds on ${processor} (${cores} cores), Node ${node.slice(1)}, ` +
    `${engines.slice(1).join(', ')}, ${date.slice(0, 10)}; PyTorch with the faster of 1 and 2 threads.`;
  const figures = `${BEGIN}\n${printMarkdown(readmeTable(speed))}\n\n${where}\n`;
  fs.writeFileSync(readme, text.slice(0, from) + figures + text.slice(to));
  return `README.md has the figures of ${date}`;
}

function latest(): Results & { speed: SpeedResults } {
  const files = fs.existsSync(resultsFolder) ? fs.readdirSync(resultsFolder) : [];
  for (const name of files
    .filter(file => file.endsWith('.json'))
    .sort()
    .reverse()) {
    const results = JSON.parse(fs.readFileSync(path.join(resultsFolder, name), 'utf8')) as Results;
    const { speed } = results;
    if (speed && speed.models.length === workloads.length) return { ...results, speed };
  }
  throw new BenchUsageError('there are no figures of all models yet: run `npm run bench` first');
}
