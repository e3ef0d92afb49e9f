import type { Fix } from './diagnostic';
import type { Span } from './source';
import { keywords, type Token } from './token';
import { replacement, SyntaxFailure, TokenStream } from './tokenStream';

const operatorsBetween = /^(?:[-+*/%@<>]|\/\/|\*\*|[=!<>]=|and|or)$/;
const startsNoLine = /^(?:[-+*/%<>=~:.,]|\/\/|\*\*|[=!<>~]=|\.\.|[-+*/%@]=|\*\*=|\/\/=)$/;

/** Says what is wrong at a token, and what to write: the sentences behind every syntax error. */
export abstract class Explainer extends TokenStream {
  /** The failure at a token where a value should stand. */
  protected missing(): SyntaxFailure {
    const { token } = this;
    const before = this.index > 0 ? this.tokens[this.index - 1]! : undefined;
    if (
      before !== undefined &&
      (token.kind === 'end' || this.cutOff(this.index) || this.beginsStatement(this.index))
    ) {
      return this.endsAfter(before);
    }
    const { text } = token;
    if (token.kind === 'keyword') {
      if (text === 'if')
        return new SyntaxFailure(token, 'A choice between values is written `A if C else B`.');
      if (text === 'fn')
        return new SyntaxFailure(
          token,
          'A function is defined by a statement of its own: `fn f(x) { return ... }`.',
        );
      if (!operatorsBetween.test(text)) {
        return new SyntaxFailure(token, `\`${text}\` is a keyword and no value: choose another name.`);
      }
    }
    if (text === '{') return new SyntaxFailure(token, '`{` opens a block, and a value is missing before it.');
    if (text === '~')
      return new SyntaxFailure(token, 'The opposite of a bool is written `not x`.', 'syntax-python', [
        replacement(token, 'not ', 'Write not'),
      ]);
    if (before !== undefined && operatorsBetween.test(text)) {
      const place = operatorsBetween.test(before.text)
        ? `\`${before.text}\` and \`${text}\``
        : `\`${before.text}\` and the \`${text}\``;
      return new SyntaxFailure(token, `Between ${place} a value is missing.`);
    }
    if (token.kind === 'end') return new SyntaxFailure(token, 'A value is missing at the end of the file.');
    return new SyntaxFailure(token, `A value is missing before \`${this.source.slice(token)}\`.`);
  }

  /** The failure of a line that stops after `before`, where something should follow. */
  protected endsAfter(before: Token): SyntaxFailure {
    const text = this.source.slice(before);
    if (text === '=' || text === '~')
      return new SyntaxFailure(before, `After \`${text}\` a value is missing.`);
    if (operatorsBetween.test(before.text) || before.text === '~=') {
      return new SyntaxFailure(before, `\`${text}\` has nothing on its right: a value is missing.`);
    }
    return new SyntaxFailure(before, `Something is missing after \`${text}\`.`);
  }

  /** The failure at a token that does not fit; `expected` serves where nothing better is known. */
  protected unexpected(expected: string, open?: Token): SyntaxFailure {
    const { token } = this;
    const before = this.index > 0 ? this.tokens[this.index - 1]! : undefined;
    const slashes = this.slashesBefore();
    if (slashes !== undefined) {
      const message = 'If this is a comment: comments start with `#`, and `//` is division rounded down.';
      return new SyntaxFailure(slashes, message, 'syntax', [replacement(slashes, '#')]);
    }
    if (token.kind === 'end' || this.cutOff(this.index)) {
      return before === undefined
        ? new SyntaxFailure(token, expected)
        : new SyntaxFailure(before, `${expected}`);
    }
    if (token.kind === 'operator') {
      const known = this.unexpectedOperator(token, open);
      if (known !== undefined) return known;
    }
    if (before !== undefined && endsValue(before) && beginsValue(token))
      return this.neighbours(before, token, open);
    return new SyntaxFailure(token, expected);
  }

  private unexpectedOperator(token: Token, open?: Token): SyntaxFailure | undefined {
    const { text } = token;
    const fixed = (message: string, code: 'syntax' | 'syntax-python', ...fixes: Fix[]): SyntaxFailure =>
      new SyntaxFailure(token, message, code, fixes);
    if (text === ')' || text === ']') {
      const opening = text === ')' ? '(' : '[';
      if (open !== undefined)
        return fixed(
          `\`${text}\` does not close the \`${open.text}\`.`,
          'syntax',
          replacement(token, open.text === '(' ? ')' : ']'),
        );
      return fixed(
        `\`${text}\` closes nothing: there is no \`${opening}\` before it.`,
        'syntax',
        replacement(token, '', `Remove ${text}`),
      );
    }
    if (text === '=' && open !== undefined)
      return fixed(
        '`=` names an argument; two values are compared with `==`.',
        'syntax',
        replacement(token, '=='),
      );
    if (text === '=')
      return fixed(
        'A statement has one `=`; two values are compared with `==`.',
        'syntax',
        replacement(token, '=='),
      );
    if (text === ':=')
      return fixed('A name is bound by a statement of its own: `name = value`.', 'syntax-python');
    if (text === ':' && open !== undefined && open.text === '(')
      return fixed('An argument is named with `=`, not `:`.', 'syntax', replacement(token, ' ='));
    if (text === '..')
      return fixed(
        '`a..b` stands only in `for i in a..b`; a slice is written `a:b`, a list of numbers `arange(a, b)`.',
        'syntax',
      );
    if (text === '~=') return fixed('`~=` stands only in a check: `check A ~= B`.', 'syntax');
    if (text === '~')
      return fixed('`~` gives a parameter its initialiser: `param W : [4, 3] ~ xavier()`.', 'syntax');
    if (text === ',')
      return fixed('A statement has one value; a list stands in brackets: `[a, b]`.', 'syntax-python');
    if (/^.+=$/.test(text) && !/^[=!<>]=$/.test(text))
      return fixed(`There is no \`${text}\`: write \`x = x ${text.slice(0, -1)} ...\`.`, 'syntax-python');
    return undefined;
  }

  /** Two values side by side. */
  private neighbours(before: Token, token: Token, open?: Token): SyntaxFailure {
    const left = this.source.slice(before);
    const right = this.source.slice(token);
    const words: Readonly<Record<string, string>> = { is: '==', mod: '%', div: '//', times: '*', xor: '!=' };
    const word = token.kind === 'name' && Object.hasOwn(words, token.text) ? words[token.text] : undefined;
    if (word !== undefined) {
      return new SyntaxFailure(token, `\`${right}\` is written \`${word}\` here.`, 'syntax-python', [
        replacement(token, word),
      ]);
    }
    const short = (text: string): string => (text.length > 30 ? `${text.slice(0, 29)}…` : text);
    const message = `Between \`${short(left)}\` and \`${short(right)}\` an operator is missing${open ? ', or a comma' : ''}.`;
    return new SyntaxFailure(token, message);
  }

  /** A `//` earlier on the line of the token here: meant as a comment by those who come from C. */
  private slashesBefore(): Token | undefined {
    for (let i = this.index; i > 0; i--) {
      const token = this.tokens[i]!;
      if (i < this.index && token.kind === 'operator' && token.text === '//') return token;
      if (token.first) return undefined;
    }
    return undefined;
  }

  /** A line that starts with an operator it cannot start with, or with a comment of another language. */
  protected lineStart(): SyntaxFailure | undefined {
    const { token } = this;
    if (token.kind !== 'operator' || !token.first || !startsNoLine.test(token.text)) return undefined;
    if (this.startsForeignComment()) {
      const span = token.text === '//' ? token : { start: token.start, end: token.start + 2 };
      return new SyntaxFailure(span, 'Comments start with `#`.', 'syntax-line-start', [
        replacement(span, '#'),
      ]);
    }
    const { text } = token;
    if (this.index === 0)
      return new SyntaxFailure(token, `A statement cannot start with \`${text}\`.`, 'syntax-line-start');
    const between: Span = { start: this.previousEnd, end: token.end };
    const gap = this.source.text.slice(between.start, token.start);
    if (text === '.') {
      const fixes = gap.trim() === '' ? [replacement(between, '.', 'Join the lines')] : [];
      return new SyntaxFailure(
        token,
        'A line cannot start with `.`: put it on the line above, as in `x.T`.',
        'syntax-line-start',
        fixes,
      );
    }
    const message = `A line cannot start with \`${text}\`: end the line above with it.`;
    return new SyntaxFailure(token, message, 'syntax-line-start', [
      replacement(between, ` ${text}${gap}`, `End the line above with ${text}`),
    ]);
  }

  protected startsForeignComment(index = this.index): boolean {
    const token = this.tokens[index]!;
    if (!token.first || token.kind !== 'operator') return false;
    const next = this.tokens[index + 1];
    if (token.text === '/') return next !== undefined && /^\*/.test(next.text) && next.start === token.end;
    return token.text === '//';
  }

  /** Whether a line starts with an operator that belongs to the line above. */
  protected startsWithOperator(index: number): boolean {
    const token = this.tokens[index]!;
    return token.kind === 'operator' && startsNoLine.test(token.text) && !this.startsForeignComment(index);
  }
}

function endsValue(token: Token): boolean {
  if (token.kind === 'operator') return token.text === ')' || token.text === ']';
  return token.kind === 'name' || token.kind === 'number' || token.kind === 'string';
}

function beginsValue(token: Token): boolean {
  if (token.kind === 'operator') return token.text === '(' || token.text === '[';
  if (token.kind === 'keyword') return !keywords.has(token.text);
  return token.kind === 'name' || token.kind === 'number' || token.kind === 'string';
}
