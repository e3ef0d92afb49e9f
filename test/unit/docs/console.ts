import assert from 'node:assert/strict';

/** A command of a `console` block, and what it prints. */
export interface Session {
  readonly command: string;
  readonly printed: readonly string[];
}

export function sessionsOf(text: string): Session[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map(part => {
      const [command = '', ...printed] = part.replace(/\n+$/, '').split('\n');
      return { command, printed };
    });
}

/** Pages show few digits, and the last one may differ from machine to machine. */
const RELATIVE = 0.01;

const NUMBER = /[-−]?\d+(?:\.\d+)?(?:e[-−+]?\d+)?/g;

/**
 * Asserts that a command printed what a page shows: the same text, where `...` stands for anything in a line, or on a
 * line of its own for any lines; blanks count as one, and numbers agree to two digits.
 */
export function assertPrints(actual: string, expected: readonly string[], command: string): void {
  const lines = actual.replace(/\n+$/, '').split('\n');
  let at = 0;
  for (const [i, line] of expected.entries()) {
    if (line === '...') {
      const next = expected[i + 1];
      while (at < lines.length && (next === undefined || !agrees(lines[at]!, next))) at++;
      continue;
    }
    assert.ok(agrees(lines[at] ?? '', line), `$ ${command}\nprints  ${lines[at]}\nand not ${line}`);
    at++;
  }
  const surplus = lines.slice(at).filter(line => line !== '');
  assert.deepEqual(surplus, [], `$ ${command} prints more than the page shows`);
}

function agrees(actual: string, expected: string): boolean {
  const parts = expected.split('...').map(part => {
    const words = part.replaceAll(NUMBER, '\0').split('\0').map(spaced);
    return words.join(`(${NUMBER.source})`);
  });
  const match = new RegExp(`^\\s*${parts.join('.*?')}\\s*$`).exec(actual);
  const shown = [...expected.matchAll(NUMBER)].map(([text]) => numberOf(text));
  return match !== null && shown.every((value, i) => close(numberOf(match[i + 1]!), value));
}

function spaced(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
}

function numberOf(text: string): number {
  return Number(text.replaceAll('−', '-'));
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= RELATIVE * Math.max(Math.abs(a), Math.abs(b));
}
