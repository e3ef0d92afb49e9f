import type { Argument, CallExpression, Expression, Identifier, IndexItem, ShapeExpression } from './ast';
import { ForeignSpeech } from './habits';
import { constantNames, type Token } from './token';
import { replacement, SyntaxFailure, spanOf } from './tokenStream';

export const nestingLimit = 500;
/** Bounds the depth of the tree itself, so that whoever walks it can recurse. */
const heightLimit = 1000;

/** What operators stand between: literals, names, calls, lists, indices and shapes. Fails by throwing. */
export abstract class OperandParser extends ForeignSpeech {
  /** How deep the parser stands in brackets, operators and blocks. */
  protected nesting = 0;
  /** The height of the expression parsed last. */
  protected height = 0;
  /** In `check`, a parenthesis that opens with `tol =` is no call. */
  protected toleranceMayFollow = false;

  protected abstract expression(): Expression;

  /**
   * Begins a part of the grammar one level deeper, within the limit on nesting. Whoever begins it takes the level back;
   * after a failure recovery does.
   */
  protected deeper(): void {
    if (this.nesting >= nestingLimit) {
      throw new SyntaxFailure(
        this.token,
        `Nested more than ${nestingLimit} levels deep: bind a part to a name of its own.`,
        'text-limit',
      );
    }
    this.nesting++;
  }

  protected raise(height: number): void {
    this.height = height + 1;
    if (this.height > heightLimit) {
      const message = `More than ${heightLimit} operators in one chain: bind a part to a name of its own.`;
      throw new SyntaxFailure(this.token, message, 'text-limit');
    }
  }

  protected opensTolerance(): boolean {
    if (!this.toleranceMayFollow || this.depth > 0 || !this.is('(')) return false;
    return this.peek(1).kind === 'name' && this.peek(1).text === 'tol' && this.is('=', this.peek(2));
  }

  protected primary(): Expression {
    const token = this.token;
    if (this.cutOff(this.index)) throw this.missing();
    switch (token.kind) {
      case 'number':
        this.advance();
        this.height = 1;
        return { kind: 'number', value: Number(token.text), span: spanOf(token) };
      case 'string':
        this.advance();
        this.height = 1;
        return { kind: 'string', value: token.text, span: spanOf(token) };
      case 'name':
        return this.nameOrCall();
      case 'operator':
        if (token.text === '(') return this.parenthesis();
        if (token.text === '[') return this.list();
        throw this.missing();
      default:
        throw this.missing();
    }
  }

  private nameOrCall(): Expression {
    const token = this.advance();
    const span = spanOf(token);
    this.height = 1;
    const foreign = this.foreignName(token);
    if (foreign !== undefined) return foreign;
    if (this.here('(') && !this.opensTolerance()) return this.call({ name: token.text, span }, []);
    if (constantNames.has(token.text)) return { kind: 'constant', name: token.text as never, span };
    return { kind: 'name', name: token.text, span };
  }

  /** The call of a name; `given` are arguments that stood before it, as in Python's `x.sum()`. */
  protected call(callee: Identifier, given: readonly Argument[]): CallExpression {
    const start = Math.min(callee.span.start, given[0]?.span.start ?? callee.span.start);
    const height = given.length > 0 ? this.height : 0;
    const rest = this.bracketed('(', ')', () => this.argument());
    this.raise(Math.max(height, this.height));
    return { kind: 'call', callee, arguments: [...given, ...rest], span: this.spanFrom(start) };
  }

  private argument(): Argument {
    const token = this.token;
    if (token.kind === 'name' && this.is('=', this.peek(1))) {
      this.index += 2;
      const value = this.expression();
      const name = { name: token.text, span: spanOf(token) };
      return { name, value, span: this.spanFrom(token.start) };
    }
    if (this.is('*') || this.is('**')) {
      throw new SyntaxFailure(
        token,
        'A list is not spread over arguments: give them one by one.',
        'syntax-python',
      );
    }
    const value = this.expression();
    return { value, span: value.span };
  }

  private list(): Expression {
    const { start } = this.token;
    const items = this.bracketed('[', ']', () => this.listItem());
    return { kind: 'list', items, span: this.spanFrom(start) };
  }

  private listItem(): Expression {
    const item = this.expression();
    if (this.is('for')) {
      throw new SyntaxFailure(
        this.token,
        'A list is not built by `for`: `for t in a..b { ys[t] = ... }` collects the stack `ys`.',
        'syntax-python',
      );
    }
    return item;
  }

  protected indexItem(): IndexItem {
    const start = this.token.start;
    if (this.accept('...')) return { kind: 'ellipsis', span: this.spanFrom(start) };
    let height = 0;
    const bound = (): Expression | undefined => {
      if (this.is(':') || this.is(',') || this.is(']')) return undefined;
      const value = this.expression();
      this.height = height = Math.max(height, this.height);
      return value;
    };
    const first = bound();
    if (first !== undefined && !this.is(':')) return { kind: 'at', value: first, span: first.span };
    if (!this.accept(':')) throw this.missing();
    const stop = bound();
    const step = this.accept(':') ? bound() : undefined;
    return {
      kind: 'slice',
      ...(first && { start: first }),
      ...(stop && { stop }),
      ...(step && { step }),
      span: this.spanFrom(start),
    };
  }

  /** Items between brackets, separated by commas, one of which may come last. */
  protected bracketed<T>(open: string, close: string, item: () => T): T[] {
    const bracket = this.accept(open);
    if (bracket === undefined) throw this.unexpected(`\`${open}\` is missing here.`);
    this.deeper();
    this.depth++;
    const items: T[] = [];
    let height = 0;
    while (!this.is(close)) {
      items.push(item());
      height = Math.max(height, this.height);
      if (!this.is(close) && !this.accept(',')) this.failBracket(bracket, close);
    }
    this.depth--;
    this.advance();
    this.raise(height);
    this.nesting--;
    return items;
  }

  private parenthesis(): Expression {
    const open = this.advance();
    this.deeper();
    this.depth++;
    if (this.is(')')) {
      throw new SyntaxFailure(
        this.spanFrom(open.start),
        'The parentheses are empty: a list is `[]`, nothing is `none`.',
      );
    }
    const inner = this.expression();
    if (this.is(',')) {
      throw new SyntaxFailure(
        this.token,
        'Lists stand in square brackets: `[a, b]`; parentheses only group.',
        'syntax-python',
      );
    }
    if (!this.is(')')) this.failBracket(open, ')');
    this.depth--;
    this.advance();
    this.nesting--;
    return inner;
  }

  protected shape(): ShapeExpression {
    const token = this.token;
    if (!this.here('[')) {
      if (this.atEnd() || this.here('~') || this.here('=')) {
        throw this.unexpected('A shape is missing: a list of sizes such as `[N, 4]`; `[]` is a scalar.');
      }
      const size = token.kind === 'number' || token.kind === 'name';
      const fixes = size ? [replacement(token, `[${this.source.slice(token)}]`)] : [];
      throw new SyntaxFailure(
        token,
        'A shape stands in square brackets: `[N, 4]`; `[]` is a scalar.',
        'syntax',
        fixes,
      );
    }
    const dimensions = this.bracketed('[', ']', () => this.expression());
    return { dimensions, span: this.spanFrom(token.start) };
  }

  private failBracket(open: Token, close: string): never {
    const { token } = this;
    if (token.kind === 'end' || this.is('}') || this.is('{') || this.is(';')) {
      throw new SyntaxFailure(open, `\`${open.text}\` is never closed: \`${close}\` is missing.`);
    }
    throw this.unexpected(
      `\`,\` or \`${close}\` is missing here, to go on or to close the \`${open.text}\`.`,
      open,
    );
  }
}
