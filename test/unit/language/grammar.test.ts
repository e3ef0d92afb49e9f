import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from 'vscode-textmate';
import { everything, iris } from './models';

const media = join(__dirname, '../../../media');

async function loadGrammar(): Promise<IGrammar> {
  await loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')));
  const path = join(media, 'nabla.tmLanguage.json');
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async () => parseRawGrammar(readFileSync(path, 'utf8'), path),
  });
  const grammar = await registry.loadGrammar('source.nabla');
  assert.ok(grammar);
  return grammar;
}

describe('TextMate grammar', () => {
  let grammar: IGrammar;

  before(async () => {
    grammar = await loadGrammar();
  });

  /** The innermost scope of each piece of the text that is not blank. */
  function scopes(text: string): [string, string][] {
    let state = INITIAL;
    return text.split('\n').flatMap(line => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      state = ruleStack;
      return tokens.flatMap((token): [string, string][] => {
        const piece = line.slice(token.startIndex, token.endIndex).trim();
        const scope = token.scopes.at(-1)!.replace(/\.nabla$/, '');
        return piece === '' ? [] : [[piece, scope]];
      });
    });
  }

  function scopeOf(text: string, piece: string): string | undefined {
    return scopes(text).find(([found]) => found === piece)?.[1];
  }

  const table: [text: string, piece: string, scope: string][] = [
    ['param W : [4, N] ~ xavier()', 'param', 'keyword.other.declaration'],
    ['param W : [4, N] ~ xavier()', 'W', 'variable.other.declaration'],
    ['param W : [4, N] ~ xavier()', 'N', 'entity.name.type.parameter'],
    ['param W : [4, N] ~ xavier()', '4', 'constant.numeric'],
    ['param W : [4, N] ~ xavier()', '~', 'keyword.operator.initializer'],
    ['param W : [4, N] ~ xavier()', 'xavier', 'entity.name.function.call'],
    ['param θ = 0.5', 'θ', 'variable.other.declaration'],
    ['input y : [N] int = d["a"]', 'int', 'support.type'],
    ['input y : [N] int = d["a"]', 'y', 'variable.other.declaration'],
    ['data iris = csv("a.csv")', 'iris', 'variable.other.declaration'],
    ['data iris = csv("a.csv")', 'a.csv', 'string.quoted.double'],
    ['x = "a\\n"', '\\n', 'constant.character.escape'],
    ['state = tanh(z)', 'state', 'variable.other.assignment'],
    ['train = 3', 'train', 'variable.other.assignment'],
    ['y = check + train', 'check', 'variable.other'],
    ['y = data[0]', 'data', 'variable.other'],
    ['check a ~= b', 'check', 'keyword.other.statement'],
    ['check a ~= b', '~=', 'keyword.operator.comparison'],
    ['a = 1; check a ~= b', 'check', 'keyword.other.statement'],
    ['train loss {', 'train', 'keyword.other.statement'],
    ['  optimizer = adam(lr = 0.01)', 'optimizer', 'variable.other.assignment'],
    ['  optimizer = adam(lr = 0.01)', 'lr', 'variable.parameter'],
    ['optimizer heavy(lr = 0.1) (p, g) {', 'optimizer', 'storage.type.function'],
    ['fn f(a, b = 1) {', 'fn', 'storage.type.function'],
    ['fn f(a, b = 1) {', 'f', 'entity.name.function'],
    ['layer cell = lstm(units = 8)', 'cell', 'entity.name.function'],
    ['if a { return b }', 'return', 'keyword.control'],
    ['for t in 0..3 {', '..', 'keyword.operator.range'],
    ['for t in 0..3 {', 'in', 'keyword.control'],
    ['g = grad(loss, w)', 'grad', 'support.function.gradient'],
    ['y = not x and pi', 'not', 'keyword.operator.logical'],
    ['y = not x and pi', 'pi', 'constant.language'],
    ['y = W.T', 'T', 'keyword.operator.transpose'],
    ['y = h.W', 'W', 'variable.other.property'],
    ['y = a ** -1', '**', 'keyword.operator.arithmetic'],
    ['y = a # b', 'b', 'comment.line.number-sign'],
    ['y = 1_000', '1_000', 'constant.numeric'],
    ['import "a.nabla"', 'import', 'keyword.control.import'],
    ['x̂ = 1', 'x̂', 'variable.other.assignment'],
    ['informal = 3', 'informal', 'variable.other.assignment'],
    ['y = notable', 'notable', 'variable.other'],
    ['y = x2', 'x2', 'variable.other'],
  ];
  for (const [text, piece, scope] of table) {
    it(`${text}: ${piece} is ${scope}`, () => {
      const found = scopes(text).find(([p]) => p === piece) ?? scopes(text).find(([p]) => p.includes(piece));
      assert.equal(found?.[1], scope, JSON.stringify(scopes(text)));
    });
  }

  it('leaves nothing of a model without a scope of its own', () => {
    for (const text of [iris, everything]) {
      for (const [piece, scope] of scopes(text)) assert.notEqual(scope, 'source', piece);
    }
  });

  it('ends a declaration with its line', () => {
    assert.equal(scopeOf('input x : [N, 4]\nfloat = 3', 'float'), 'variable.other.assignment');
  });
});

describe('Language configuration', () => {
  const configuration = JSON.parse(readFileSync(join(media, 'language-configuration.json'), 'utf8'));

  it('indents after an open bracket and not after a closed one', () => {
    const increase = new RegExp(configuration.indentationRules.increaseIndentPattern);
    for (const line of ['train loss {', 'h = dense(', '  x = [', 'fn f(a) { # comment'])
      assert.match(line, increase);
    for (const line of ['h = f(x)', '# a {', 'x = "{"', '}', 'a = [1, 2]'])
      assert.doesNotMatch(line, increase);
  });

  it('takes names of any script as one word', () => {
    const { pattern, flags } = configuration.wordPattern;
    assert.deepEqual('x̂ + θ_1 * 1e-3'.match(new RegExp(pattern, `${flags}g`)), ['x̂', 'θ_1', '1e-3']);
  });
});
