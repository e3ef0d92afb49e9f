import type { Entry, Expression, File, Formal, Identifier, Statement } from './ast';
import type { Diagnostic } from './diagnostic';
import type { Lexed } from './lexer';
import { nestingLimit } from './operands';
import { RecoveringParser } from './recovery';
import type { Source, Span } from './source';
import { constantNames } from './token';
import { replacement, SyntaxFailure, spanOf } from './tokenStream';

/** Sequences of statements, the blocks that hold them, and what the heads of blocks share. */
export abstract class BlockParser extends RecoveringParser {
  /** Comments that have a line to themselves, by line. */
  private readonly comments = new Map<number, string>();
  private readonly skipped: Span[] = [];
  protected readonly complaints: readonly Span[];

  private readonly lexical: readonly Diagnostic[];

  constructor(source: Source, { grammatical, comments, diagnostics }: Lexed) {
    super(source, grammatical);
    this.lexical = diagnostics;
    this.complaints = diagnostics.map(diagnostic => diagnostic.span);
    for (const { first, text, start } of comments) {
      if (first && text.startsWith('#')) this.comments.set(source.line(start), text.replace(/^# ?/, ''));
    }
  }

  protected abstract statement(): Statement | undefined;

  /** What the lexer found, without what lies in comments of another language. */
  keptComplaints(): Diagnostic[] {
    return this.lexical.filter(
      ({ span }) => !this.skipped.some(s => s.start <= span.start && span.start < s.end),
    );
  }

  file(): File {
    const statements: Statement[] = [];
    while (this.token.kind !== 'end') {
      this.statements(statements, () => false);
      if (this.is('}')) {
        this.error(spanOf(this.token), '`}` closes nothing: there is no `{` before it.', 'syntax', [
          replacement(this.token, '', 'Remove }'),
        ]);
        this.advance();
      }
    }
    return { statements };
  }

  /** Statements up to a `}`, the end of the text, or where `stop` says. */
  private statements(into: Statement[], stop: () => boolean): void {
    for (;;) {
      while (this.is(';')) this.advance();
      if (this.token.kind === 'end' || this.is('}') || stop()) return;
      const before = this.index;
      const outer = this.statementStart;
      this.statementStart = before;
      if (this.startsForeignComment()) this.foreignComment();
      else {
        const statement = this.statement();
        if (statement !== undefined) into.push(statement);
      }
      this.statementStart = outer;
      if (this.index === before) this.advance();
    }
  }

  /** A comment of another language: reported once, and nothing in it counts. */
  private foreignComment(): void {
    const { token } = this;
    const { text } = this.source;
    const failure = this.lineStart();
    if (failure !== undefined) this.error(failure.span, failure.message, failure.code, failure.fixes);
    const closing = token.text === '/' ? text.indexOf('*/', token.start) : -1;
    const lineEnd = this.source.lineStart(this.source.line(token.start) + 1);
    const end = closing >= 0 ? closing + 2 : lineEnd;
    this.skipped.push({ start: token.start, end });
    while (this.token.kind !== 'end' && this.token.start < end) this.advance();
  }

  /** The comment block directly above a statement that begins its line. */
  protected doc(start: number): { doc?: string } {
    if (!this.tokens[this.statementStart]?.first) return {};
    const lines: string[] = [];
    for (let line = this.source.line(start) - 1; this.comments.has(line); line--) {
      lines.unshift(this.comments.get(line)!);
    }
    return lines.length > 0 ? { doc: lines.join('\n') } : {};
  }

  /** The name a statement declares. Fails the statement when there is none. */
  protected declaredName(example: string): Identifier | undefined {
    return this.attempt(() => this.identifier(example));
  }

  protected identifier(example: string): Identifier {
    const { token } = this;
    const cut = this.cutOff(this.index);
    if (token.kind === 'keyword' && !cut) {
      throw new SyntaxFailure(token, `\`${token.text}\` is a keyword: choose another name.`, 'name-reserved');
    }
    if (token.kind !== 'name' || cut) throw this.unexpected(`A name is missing: \`${example}\`.`);
    this.advance();
    if (constantNames.has(token.text)) {
      this.error(
        spanOf(token),
        `\`${token.text}\` is a constant of the language: choose another name.`,
        'name-reserved',
      );
    }
    return { name: token.text, span: spanOf(token) };
  }

  /** The expression after a sign, to the end of the statement. */
  protected after(sign: string, message: string): Expression {
    const { start } = this.token;
    const found = this.attempt(() => {
      if (!this.accept(sign)) throw this.unexpected(message);
      return true;
    });
    return found ? this.lastExpression() : this.hole(start);
  }

  /**
   * The head of a block: what is wrong in it ends at its `{`, and the block is read all the same.
   * `ends` tells of another end than a block.
   */
  protected head<T>(parse: () => T, ends = (): boolean => false): T | undefined {
    const outer = this.stopsAtBrace;
    this.stopsAtBrace = true;
    const result = this.attempt(() => {
      const value = parse();
      if (!this.is('{') && !this.opensIndented() && !ends()) {
        if (this.here(':'))
          throw new SyntaxFailure(this.token, 'A block stands in braces: `{ ... }`.', 'syntax-python');
        throw this.unexpected('A block in braces is missing here: `{ ... }`.');
      }
      return value;
    });
    this.stopsAtBrace = outer;
    return result;
  }

  /** Python's `:` and an indented block. */
  private opensIndented(): boolean {
    return this.here(':') && (this.peek(1).first || this.peek(1).kind === 'end');
  }

  /** The statements of a block; empty when its `{` is not there. */
  protected block(): Statement[] {
    const statements: Statement[] = [];
    if (this.opensIndented()) {
      const margin = this.indentation(this.statementStart);
      this.error(spanOf(this.token), 'A block stands in braces: `{ ... }`.', 'syntax-python');
      this.advance();
      this.statements(statements, () => this.token.first && this.column(this.index) <= margin);
    } else if (this.is('{')) this.braces(() => this.statements(statements, () => false));
    return statements;
  }

  protected braces(inside: () => void): void {
    const open = this.advance();
    if (this.tooDeep()) return;
    const outer = this.stopsAtBrace;
    this.stopsAtBrace = false;
    this.nesting++;
    inside();
    this.nesting--;
    this.stopsAtBrace = outer;
    if (this.is('}')) this.advance();
    else if (!this.abandoned) this.error(spanOf(open), '`{` is never closed: `}` is missing.');
  }

  private abandoned = false;

  /** Blocks beyond the limit on nesting end the reading of the file: nothing sensible can follow. */
  protected tooDeep(): boolean {
    if (this.nesting < nestingLimit) return false;
    this.error(
      spanOf(this.tokens[this.index - 1]!),
      `Blocks are nested more than ${nestingLimit} levels deep.`,
      'text-limit',
    );
    this.index = this.tokens.length - 1;
    this.abandoned = true;
    return true;
  }

  protected formals(): Formal[] {
    return this.bracketed('(', ')', () => {
      if (this.is('*') || this.is('**')) {
        throw new SyntaxFailure(this.token, 'A function takes a fixed list of arguments.', 'syntax-python');
      }
      const name = this.identifier('fn f(a, b = 1) { ... }');
      if (this.is(':')) {
        throw new SyntaxFailure(
          this.token,
          'Arguments have no types: shapes follow from the call.',
          'syntax-python',
        );
      }
      return this.accept('=') ? { name, default: this.expression() } : { name };
    });
  }

  /** `key = value` lines of `train` and `tune`. */
  protected entries(): Entry[] {
    const entries: Entry[] = [];
    if (!this.is('{')) return entries;
    this.braces(() => {
      for (;;) {
        while (this.is(';')) this.advance();
        if (this.token.kind === 'end' || this.is('}')) return;
        const before = this.index;
        const outer = this.statementStart;
        this.statementStart = before;
        if (this.startsForeignComment()) this.foreignComment();
        else {
          const entry = this.entry();
          if (entry !== undefined) entries.push(entry);
        }
        this.statementStart = outer;
        if (this.index === before) this.advance();
      }
    });
    return entries;
  }

  private entry(): Entry | undefined {
    const { start } = this.token;
    const key = this.attempt(() => {
      const wrongStart = this.lineStart();
      if (wrongStart !== undefined) throw wrongStart;
      const name = this.identifier('batch = 32');
      if (this.accept('=')) return name;
      if (this.is(':')) {
        throw new SyntaxFailure(this.token, 'A key takes its value with `=`.', 'syntax', [
          replacement(this.token, ' ='),
        ]);
      }
      throw this.unexpected(`The key \`${name.name}\` has no value: \`${name.name} = ...\`.`);
    });
    if (key === undefined) return undefined;
    const valueStart = this.token.start;
    const value =
      this.attempt(() => {
        const result = this.expression();
        if (this.here(',')) this.commaAfterEntry();
        this.expectEnd();
        return result;
      }) ?? this.hole(valueStart);
    return { key, value, span: this.spanFrom(start) };
  }

  private commaAfterEntry(): void {
    const comma = this.token;
    const next = this.peek(1);
    const last = next.first || next.text === '}';
    const text = last ? '' : ';';
    this.error(spanOf(comma), 'Keys are separated by new lines or `;`.', 'syntax', [
      replacement(comma, text, last ? 'Remove the comma' : 'Write ;'),
    ]);
    this.advance();
    if (!last && next.kind === 'name') this.entrySeparated = true;
  }

  /** Set when a wrong comma has just done the work of a `;`. */
  private entrySeparated = false;

  protected override expectEnd(): void {
    if (this.entrySeparated) this.entrySeparated = false;
    else super.expectEnd();
  }
}
