import type { BinaryOperator, Expression, Identifier } from './ast';
import { OperandParser } from './operands';
import type { Token } from './token';
import { replacement, SyntaxFailure, spanOf } from './tokenStream';

/** Precedence, loosest first; the numbers are also the levels of the contract's list. */
const binding = new Map<string, number>(
  Object.entries({
    or: 1,
    and: 2,
    '==': 4,
    '!=': 4,
    '<': 4,
    '<=': 4,
    '>': 4,
    '>=': 4,
    '+': 5,
    '-': 5,
    '*': 6,
    '/': 6,
    '//': 6,
    '%': 6,
    '@': 6,
    '**': 8,
  } satisfies Record<BinaryOperator, number>),
);
const notLevel = 3;
const comparisonLevel = 4;
const unaryLevel = 7;
const powerLevel = 8;

/** Pratt parsing of operators. Fails by throwing `SyntaxFailure`. */
export abstract class ExpressionParser extends OperandParser {
  protected expression(): Expression {
    const start = this.token.start;
    const then = this.binary(0);
    if (!this.here('if')) return then;
    const keyword = this.advance();
    let height = this.height;
    this.deeper();
    const condition = this.binary(0);
    this.nesting--;
    height = Math.max(height, this.height);
    if (!this.accept('else')) {
      throw new SyntaxFailure(keyword, 'A choice names both values: `A if C else B`.');
    }
    this.deeper();
    const otherwise = this.expression();
    this.nesting--;
    this.raise(Math.max(height, this.height));
    return { kind: 'conditional', condition, then, otherwise, span: this.spanFrom(start) };
  }

  private binary(level: number): Expression {
    const start = this.token.start;
    let left = this.unary(level);
    let compared = false;
    for (;;) {
      const token = this.token;
      const own = this.bindingHere();
      if (own === undefined || own < level) return left;
      const operator = token.text as BinaryOperator;
      if (own === comparisonLevel) {
        if (compared) this.failChained(left, token);
        compared = true;
      }
      this.advance();
      const height = this.height;
      // `**` binds to the right and takes a signed exponent; all others bind to the left
      this.deeper();
      const right = this.binary(own === powerLevel ? unaryLevel : own + 1);
      this.nesting--;
      this.raise(Math.max(height, this.height));
      left = {
        kind: 'binary',
        operator,
        left,
        right,
        span: this.spanFrom(start),
        operatorSpan: spanOf(token),
      };
    }
  }

  /** How tightly the binary operator here binds; undefined where none stands. */
  private bindingHere(): number | undefined {
    const { kind, text } = this.token;
    if (kind !== 'operator' && kind !== 'keyword') return undefined;
    const own = binding.get(text);
    return own === undefined || this.cutOff(this.index) ? undefined : own;
  }

  private failChained(left: Expression, second: Token): never {
    const middle = left.kind === 'binary' ? this.source.slice(left.right.span) : '';
    const fixes = left.kind === 'binary' ? [replacement(second, `and ${middle} ${second.text}`)] : [];
    throw new SyntaxFailure(second, `Comparisons do not chain: write \`a < b and b < c\`.`, 'syntax', fixes);
  }

  private unary(level: number): Expression {
    const token = this.token;
    if (token.kind !== 'operator' && token.kind !== 'keyword') return this.postfix();
    if (this.here('-') || this.here('not')) {
      const operator = token.text as '-' | 'not';
      if (operator === 'not' && level > notLevel) {
        throw new SyntaxFailure(
          token,
          '`not` is looser than the operator before it: put it in parentheses, `(not x)`.',
        );
      }
      this.advance();
      this.deeper();
      const operand = this.binary(operator === '-' ? unaryLevel : notLevel);
      this.nesting--;
      this.raise(this.height);
      return { kind: 'unary', operator, operand, span: this.spanFrom(token.start) };
    }
    if (this.here('+')) {
      throw new SyntaxFailure(token, 'There is no sign `+`: leave it out.', 'syntax', [
        replacement(token, '', 'Remove +'),
      ]);
    }
    return this.postfix();
  }

  private postfix(): Expression {
    const { start } = this.token;
    let target = this.primary();
    for (;;) {
      if (this.token.kind !== 'operator') return target;
      if (this.here('[')) target = this.indexed(target, start);
      else if (this.here('.')) {
        this.advance();
        target = this.member(target, start);
        this.raise(this.height);
      } else if (this.here('(') && !this.opensTolerance()) {
        throw new SyntaxFailure(
          this.token,
          'Only a name can be called: `f(x)`. For a product write `a * (b)`.',
          'syntax',
        );
      } else return target;
    }
  }

  private indexed(target: Expression, start: number): Expression {
    const height = this.height;
    const items = this.bracketed('[', ']', () => this.indexItem());
    const span = this.spanFrom(start);
    if (items.length === 0)
      throw new SyntaxFailure(span, 'An index needs at least one position: `x[0]`, `x[:, 1]`.');
    this.raise(Math.max(height, this.height));
    return { kind: 'index', target, items, span };
  }

  private member(target: Expression, start: number): Expression {
    const token = this.token;
    if (token.kind !== 'name' || this.cutOff(this.index)) {
      throw new SyntaxFailure(
        token.first ? this.tokens[this.index - 1]! : token,
        'After `.` comes `T` (transpose) or the name of a parameter: `x.T`, `h.W`.',
      );
    }
    this.advance();
    const member: Identifier = { name: token.text, span: spanOf(token) };
    const foreign = this.foreignMember(target, member, start);
    if (foreign !== undefined) return foreign;
    return { kind: 'member', target, member, span: this.spanFrom(start) };
  }
}
