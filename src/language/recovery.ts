import type { Expression } from './ast';
import { ExpressionParser } from './expressions';
import type { Span } from './source';
import type { Token } from './token';
import { SyntaxFailure } from './tokenStream';

/**
 * What happens after an error: it is reported once, and reading goes on where the next statement seems to
 * begin. A hole stays in the tree, so that the name on the left is still known.
 */
export abstract class RecoveringParser extends ExpressionParser {
  /** Runs a part of the grammar; when it fails, reports that, recovers, and gives undefined. */
  protected attempt<T>(parse: () => T): T | undefined {
    const { depth, nesting } = this;
    try {
      return parse();
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      this.depth = depth;
      this.nesting = nesting;
      this.toleranceMayFollow = false;
      this.recover(failure);
      return undefined;
    }
  }

  /** An expression that ends the statement, or a hole. */
  protected lastExpression(): Expression {
    const { start } = this.token;
    return (
      this.attempt(() => {
        const value = this.expression();
        this.expectEnd();
        return value;
      }) ?? this.hole(start)
    );
  }

  protected hole(start: number): Expression {
    const end = this.previousEnd;
    return { kind: 'missing', span: start < end ? { start, end } : { start: end, end } };
  }

  /** Fails unless the statement ends here. */
  protected expectEnd(): void {
    const wrongStart = this.startsForeignComment() ? undefined : this.lineStart();
    if (wrongStart !== undefined) throw wrongStart;
    if (!this.atEnd())
      throw this.unexpected(
        'The statement should end here: one statement stands on a line, or `;` between two.',
      );
  }

  private recover(failure: SyntaxFailure): void {
    const { open, candidate } = this.nextStatementBefore(this.index);
    if (candidate !== undefined) {
      const late = failure.span.start >= this.tokens[candidate]!.start;
      this.report(late ? this.cutShort(open, candidate) : failure, candidate);
      this.index = candidate;
      return;
    }
    const failed = this.index;
    this.skip();
    this.report(failure, Math.max(this.index, failed));
  }

  /** A statement that is never finished because the next one begins at `candidate`. */
  private cutShort(open: Token | undefined, candidate: number): SyntaxFailure {
    if (open === undefined) return this.endsAfter(this.tokens[candidate - 1]!);
    const close = open.text === '(' ? ')' : ']';
    return new SyntaxFailure(open, `\`${open.text}\` is never closed: \`${close}\` is missing.`);
  }

  /** Reports the failure, unless the lexer has already complained about the same statement. */
  private report(failure: SyntaxFailure, end: number): void {
    const from = this.tokens[this.statementStart]!.start;
    const to = this.tokens[end]!.start;
    const known = this.complaints.some(span => span.start >= from && span.start < Math.max(to, from + 1));
    if (!known) this.error(failure.span, failure.message, failure.code, failure.fixes);
  }

  /** Places the lexer has complained about. */
  protected abstract readonly complaints: readonly Span[];

  /**
   * Between the start of the statement and the token that failed, the first line that seems to begin another
   * statement: inside a bracket only if it is indented no deeper than this one.
   */
  private nextStatementBefore(failed: number): { open?: Token; candidate?: number } {
    const brackets: Token[] = [];
    const margin = this.indentation(this.statementStart);
    for (let i = this.statementStart; i <= failed; i++) {
      const token = this.tokens[i]!;
      if (i > this.statementStart && this.beginsStatement(i)) {
        const open = brackets.at(-1);
        if (open === undefined) return { candidate: i };
        if (this.column(i) <= margin) return { open, candidate: i };
      }
      if (token.kind !== 'operator') continue;
      if (token.text === '(' || token.text === '[') brackets.push(token);
      else if (token.text === ')' || token.text === ']') brackets.pop();
    }
    return {};
  }

  /** Moves from the failed token to the end of its statement. */
  private skip(): void {
    const margin = this.indentation(this.statementStart);
    const brackets = this.openBrackets();
    let braces = 0;
    for (; this.token.kind !== 'end'; this.index++) {
      const { token } = this;
      const inBraces = braces > 0;
      if (this.index > this.statementStart && token.first) {
        if (
          !inBraces &&
          this.beginsStatement(this.index) &&
          (brackets.length === 0 || this.column(this.index) <= margin)
        )
          return;
        if (brackets.length === 0 && this.cutOff(this.index) && !this.startsWithOperator(this.index)) return;
      }
      if (token.kind !== 'operator') continue;
      const { text } = token;
      if (brackets.length === 0 && text === ';') return;
      if (text === '}') {
        if (!inBraces) return;
        brackets.length = brackets.lastIndexOf('{');
        braces--;
      } else if (text === '(' || text === '[' || text === '{') {
        if (text === '{' && this.stopsAtBrace && !inBraces) return;
        if (text === '{') braces++;
        brackets.push(text);
      } else if ((text === ')' || text === ']') && brackets.at(-1) !== '{') brackets.pop();
    }
  }

  /** Set while a block's header is read: what is wrong in it ends at the `{`. */
  protected stopsAtBrace = false;

  private openBrackets(): string[] {
    const open: string[] = [];
    for (let i = this.statementStart; i < this.index; i++) {
      const { kind, text } = this.tokens[i]!;
      if (kind !== 'operator') continue;
      if (text === '(' || text === '[') open.push(text);
      else if (text === ')' || text === ']') open.pop();
    }
    return open;
  }
}
