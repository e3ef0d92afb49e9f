import path from 'node:path';
import { projectRoot } from '../vscode/host/paths';

export interface BenchOptions {
  /** Names of sections and models; all when empty. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly json: string;
  /** Measures nothing, and writes the latest figures into the README. */
  readonly readme: boolean;
}

/** A command line that says nothing sensible, explained in one sentence. */
export class BenchUsageError extends Error {}

const ROUNDS = 5;

/** `names` are the sections and models there are. */
export function parseOptions(words: readonly string[], names: readonly string[]): BenchOptions {
  const only: string[] = [];
  let rounds = ROUNDS;
  let json = path.join(resultsFolder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
  let readme = false;
  const rest = [...words];
  const value = (flag: string, what: string): string => {
    const next = rest.shift();
    if (next === undefined || next.startsWith('--'))
      throw new BenchUsageError(`${flag} takes ${what}: ${usage}`);
    return next;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    switch (word) {
      case '--only': {
        const name = value(word, 'a name');
        if (!names.includes(name)) {
          throw new BenchUsageError(
            `--only ${name}: there is no such part; the parts are ${names.join(', ')}`,
          );
        }
        only.push(name);
        break;
      }
      case '--rounds': {
        const text = value(word, 'a number');
        rounds = Number(text);
        if (!Number.isInteger(rounds) || rounds < 1) {
          throw new BenchUsageError(`--rounds ${text}: a whole number from 1 is expected`);
        }
        break;
      }
      case '--json':
        json = path.resolve(value(word, 'a file'));
        break;
      case '--readme':
        readme = true;
        break;
      default:
        throw new BenchUsageError(`${word} is no option: ${usage}`);
    }
  }
  return { only, rounds, json, readme };
}

export const resultsFolder = path.join(projectRoot, 'bench-results');

const usage = 'npm run bench -- [--only NAME] [--rounds K] [--json FILE] | --readme';
