import { closestWord } from '../base/spelling';
import type { BinaryOperator, Expression, Identifier, Statement } from './ast';
import { DeclarationParser } from './declarations';
import { keywords, statementKeywords, statementWords, type Token } from './token';
import { replacement, SyntaxFailure, spanOf } from './tokenStream';

/** Words that begin a statement elsewhere. */
const foreignStatements: Readonly<Record<string, string>> = {
  print: 'Every named value is shown in the editor and by `nabla run`: give this one a name.',
  class: 'There are no classes: a part with parameters of its own is a `layer f(x) { ... }`.',
  assert: 'A claim about values is written `check A ~= B`.',
  from: 'Built-in functions need no import; definitions of another file come with `import "layers.nabla"`.',
  del: 'Values need not be deleted.',
  global: 'Top-level names are seen in functions as they are.',
  pass: 'Nothing needs to stand here: leave the block empty.',
  with: 'There is no `with`.',
  try: 'There is no `try`.',
};

/** Lines that begin like no statement of the language: what other languages write, and values without a name. */
export abstract class StrayParser extends DeclarationParser {
  protected abstract keywordStatement(token: Token): Statement | undefined;
  protected abstract wordStatement(word: string): Statement | undefined;

  /** A statement that starts with a name and is no `name = ...`; `none` when nothing special is known. */
  protected foreignStatement(token: Token, next: Token): Statement | undefined | 'none' {
    const { text } = token;
    const compound =
      next.kind === 'operator' && /^(?:[-+*/%@:]|\*\*|\/\/)=$/.test(next.text) ? next.text : undefined;
    if (compound !== undefined && !this.cutOff(this.index + 1))
      return this.compound(token, next, compound.slice(0, -1));
    if ((this.is('+', next) || this.is('-', next)) && this.isIncrement(next)) {
      const plain = `${text} = ${text} ${next.text} 1`;
      const whole = { start: token.start, end: this.peek(2).end };
      this.attempt(() => {
        throw new SyntaxFailure(next, `Write \`${plain}\`.`, 'syntax-python', [replacement(whole, plain)]);
      });
      return undefined;
    }
    if (next.kind === 'end' || next.first) {
      if (text !== 'pass') return 'none';
    } else if (text === 'def' || text === 'function' || text === 'func') {
      this.error(spanOf(token), `A function is defined with \`fn\`, not \`${text}\`.`, 'syntax-python', [
        replacement(token, 'fn'),
      ]);
      return this.definition('fn');
    } else if (text === 'let' || text === 'var' || text === 'const') {
      if (next.kind !== 'name') return 'none';
      const prefix = { start: token.start, end: next.start };
      this.error(spanOf(token), `A value is named without \`${text}\`: \`name = value\`.`, 'syntax-python', [
        replacement(prefix, '', `Remove ${text}`),
      ]);
      this.advance();
      return this.statement();
    }
    if (Object.hasOwn(foreignStatements, text) && !/^[=.[]$/.test(next.text)) {
      this.attempt(() => {
        throw new SyntaxFailure(token, foreignStatements[text]!, 'syntax-python');
      });
      return undefined;
    }
    return next.kind === 'name' || next.kind === 'number' ? this.misspelt(token) : 'none';
  }

  /** `x++`, with nothing after it. */
  private isIncrement(sign: Token): boolean {
    const second = this.peek(2);
    const after = this.peek(3);
    return this.is(sign.text, second) && second.start === sign.end && (after.kind === 'end' || after.first);
  }

  /** `whlie x > 0 {`: read on as the word that was meant. */
  private misspelt(token: Token): Statement | undefined | 'none' {
    const word = closestWord(token.text, [...statementWords, ...statementKeywords]);
    if (word === undefined || this.peek(1).first) return 'none';
    this.error(
      spanOf(token),
      `No statement starts with \`${token.text}\`. Did you mean \`${word}\`?`,
      'syntax',
      [replacement(token, word)],
    );
    return keywords.has(word) ? this.keywordStatement({ ...token, text: word }) : this.wordStatement(word);
  }

  private compound(token: Token, assignment: Token, sign: string): Statement {
    const name = this.identifier('x = x + 1');
    this.advance();
    const whole = { start: token.start, end: assignment.end };
    const plain = sign === ':' ? `${name.name} =` : `${name.name} = ${name.name} ${sign}`;
    const operatorSpan = spanOf(assignment);
    const message = `\`${assignment.text}\` is written out here: \`${plain} ...\`.`;
    this.error(operatorSpan, message, 'syntax-python', [replacement(whole, plain)]);
    const right = this.lastExpression();
    const span = this.spanFrom(token.start);
    const left = { kind: 'name', ...name } as const;
    const operator = sign as BinaryOperator;
    const value =
      sign === ':' ? right : ({ kind: 'binary', operator, left, right, span, operatorSpan } as const);
    return { kind: 'bind', name, value, span, ...this.doc(token.start) };
  }

  /** `ys[t] = ...`, or a value without a name, which is an error. */
  protected nameless(): Statement | undefined {
    const { start } = this.token;
    const word = statementWords.has(this.token.text) && this.token.kind === 'name' ? this.token : undefined;
    let element: Extract<Expression, { kind: 'index' }> | undefined;
    this.attempt(() => {
      if (this.is(')') || this.is(']') || this.is('{'))
        throw this.unexpected('A statement is missing before `{`.');
      const value = this.expression();
      if (this.here('=') && value.kind === 'index' && value.target.kind === 'name') {
        element = value;
        this.advance();
        return;
      }
      throw this.withoutName(value, word);
    });
    if (element === undefined) return undefined;
    return this.elementBind(element, start);
  }

  private elementBind(element: Extract<Expression, { kind: 'index' }>, start: number): Statement | undefined {
    const [item] = element.items;
    const { target } = element;
    if (target.kind !== 'name') return undefined;
    const name: Identifier = { name: target.name, span: target.span };
    if (element.items.length !== 1 || item?.kind !== 'at') {
      this.error(
        element.span,
        'Values never change: only `ys[t] = ...` inside `for t in a..b` collects a stack. For a choice of entries use `where`.',
      );
      this.lastExpression();
      return undefined;
    }
    return {
      kind: 'bind',
      name,
      index: item.value,
      value: this.lastExpression(),
      span: this.spanFrom(start),
      ...this.doc(start),
    };
  }

  private withoutName(value: Expression, word: Token | undefined): SyntaxFailure {
    if (word !== undefined) {
      const message = `Before \`${this.tokens[this.statementStart + 1]?.text}\` the word \`${word.text}\` is a name. To begin a statement, let another value come first, or bind this one to a name.`;
      return new SyntaxFailure(word, message);
    }
    const head = this.source.slice({ start: value.span.start, end: value.span.end });
    if (this.here('~=')) {
      const at = { start: value.span.start, end: value.span.start };
      return new SyntaxFailure(this.token, 'A comparison to be tested starts with `check`.', 'syntax', [
        replacement(at, 'check ', 'Write check'),
      ]);
    }
    if (this.here(':') || this.here('~')) {
      const at = { start: value.span.start, end: value.span.start };
      return new SyntaxFailure(
        value.span,
        'A declaration starts with `param` or `input`: `param W : [4, 3] ~ xavier()`.',
        'syntax',
        [replacement(at, 'param ', 'Write param')],
      );
    }
    if (this.here(','))
      return new SyntaxFailure(
        value.span,
        'One name is bound at a time: `a = ...`, then `b = ...`.',
        'syntax-python',
      );
    if (this.here('=')) return new SyntaxFailure(value.span, 'On the left of `=` stands a name.');
    const wrongStart = this.lineStart();
    if (!this.atEnd())
      return this.unexpected(
        'A statement is `name = value`, or starts with a word such as `param` or `train`.',
      );
    if (wrongStart !== undefined && !this.startsForeignComment()) return wrongStart;
    const shown = head.length > 40 || head.includes('\n') ? 'value' : head;
    const at = { start: value.span.start, end: value.span.start };
    return new SyntaxFailure(
      value.span,
      `A value needs a name to be shown: write \`name = ${shown}\`.`,
      'syntax',
      [replacement(at, 'name = ', 'Give it a name')],
    );
  }
}
