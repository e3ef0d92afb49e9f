import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatted } from '../../../src/language/format/format';
import { Source } from '../../../src/language/source';
import { type Page, pages } from './page';
import { exampleFolder, failedChecks, read } from './program';

/** As GitHub and VS Code name the place of a heading. */
function anchors({ text }: Page): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(match =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the reference', function () {
  this.timeout(60_000);

  for (const page of pages) {
    for (const block of page.blocks) {
      const place = `${page.name}:${block.line}`;
      if (block.language !== 'nabla') continue;
      const [title] = block.text.split('\n');
      it(`runs the example at ${place}: ${title}`, async () => {
        const program = await read(block.text);
        const said = block.next?.language === 'text' ? block.next.text.trim().split('\n') : [];
        assert.deepEqual(program.findings, said, place);
        if (said.length === 0) assert.deepEqual(failedChecks(program), [], place);
      });
      it(`has the example at ${place} in its canonical form`, () => {
        assert.equal(formatted(new Source('example.nabla', block.text)), block.text);
      });
    }

    it(`${page.name} links to what exists`, () => {
      for (const [, target] of page.text.matchAll(/\]\(([^)]+)\)/g)) {
        const [file, anchor] = target!.split('#') as [string, string?];
        const to = file === '' ? page : pages.find(other => other.name === `docs/${file}`);
        const there = to !== undefined || existsSync(join(exampleFolder, '../docs', file));
        assert.ok(there, `${target} does not exist`);
        if (anchor !== undefined) assert.ok(anchors(to!).includes(anchor), `${target}: no such heading`);
      }
    });
  }

  it('links from its first page to all others', () => {
    const first = pages.find(page => page.name === 'docs/language.md')!;
    const missing = pages.filter(page => page !== first && !first.text.includes(`](${page.name.slice(5)}`));
    assert.deepEqual(missing, []);
  });
});
