import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from '../../../src/cli/command';
import { Place } from '../cli/terminal';
import { assertPrints, type Session, sessionsOf } from './console';
import { cell, code, pageOf, type Row } from './page';
import { exampleFolder } from './program';

const page = pageOf('cli');
const folder = resolve(__dirname, '../../../src/cli/commands');

/** Every command of the product. */
const commands = readdirSync(folder).map((file): Command => {
  const name = file.replace('.ts', '');
  const exports = require(join(folder, file)) as Readonly<Record<string, Command>>;
  assert.ok(exports[name], `${file} does not export ${name}`);
  return exports[name];
});

/** The words of a command line; a text between single quotes is one. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(match => match[1] ?? match[2]!);

const rows = page.rows.filter(row => row.header[0] === 'option');
const exampleOf = (row: Row): string => code(cell(row, 'example'));

describe('docs/cli.md', function () {
  this.timeout(60_000);
  const place = new Place();
  before(() => cpSync(exampleFolder, place.folder, { recursive: true }));
  after(() => place.remove());

  /** What a shell would do with the few words that the page uses. */
  async function enter({ command, printed }: Session): Promise<void> {
    const [program, ...words] = wordsOf(command);
    if (program === 'echo') writeFileSync(place.path(words.at(-1)!), `${words[0]}\n`);
    else if (program === 'cat') assertPrints(readFileSync(place.path(words[0]!), 'utf8'), printed, command);
    else {
      assert.equal(program, 'nabla', command);
      const { out, err } = await place.nabla(...words);
      assertPrints(out + err, printed, command);
    }
  }

  // In the order of the page, since one example leaves files for the next.
  const sessions = page.blocks
    .filter(({ language }) => language === 'console')
    .flatMap(({ text }) => sessionsOf(text));
  for (const session of sessions) {
    it(`$ ${session.command}`, async () => enter(session));
  }

  for (const row of rows) {
    it(`${code(row.cells[0]!)}: ${exampleOf(row)}`, async () => {
      const [program, ...words] = wordsOf(exampleOf(row));
      assert.equal(program, 'nabla');
      const [option] = code(row.cells[0]!).split(' ');
      assert.ok(words.includes(option!), `the example does not use ${option}`);
      const { status, err } = await place.nabla(...words);
      assert.equal(status, 0, err);
    });
  }

  for (const command of commands) {
    it(`has a section for ${command.name}, and all its options in it`, () => {
      assert.ok(page.text.includes(`\n## nabla ${command.name}\n`));
      assert.ok(sessions.some(session => session.command.startsWith(`nabla ${command.name} `)));
      const own = rows.filter(row => exampleOf(row).startsWith(`nabla ${command.name} `));
      const shown = own.map(row => code(row.cells[0]!).split(' ')[0]);
      const options = Object.keys(command.options).map(name => `--${name}`);
      assert.deepEqual(shown.sort(), options.sort());
    });
  }
});
