import type { CallExpression, Expression, Formal, Identifier, Statement } from './ast';
import { BlockParser } from './blocks';
import { replacement, SyntaxFailure, spanOf } from './tokenStream';

const forms = {
  fn: 'fn f(a, b = 1) { return ... }',
  layer: 'layer f(x, units) { return ... }',
  optimizer: 'optimizer f(lr = 0.1) (p, g) { return ... }',
} as const;

/** Statements that hold a block. */
export abstract class CompoundParser extends BlockParser {
  protected definition(kind: 'fn' | 'layer'): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName(forms[kind]);
    if (name === undefined) return undefined;
    return this.definitionOf(kind, name, start);
  }

  private definitionOf(kind: 'fn' | 'layer', name: Identifier, start: number): Statement {
    const isFormula = (): boolean => this.here('=');
    const formals = this.head(() => {
      if (!this.here('(')) throw this.unexpected(`The arguments are missing: \`${forms[kind]}\`.`);
      return this.formals();
    }, isFormula);
    const body = isFormula() ? [this.formula()] : this.block();
    return { kind, name, formals: formals ?? [], body, span: this.spanFrom(start), ...this.doc(start) };
  }

  /** `fn f(x) = x ** 2`, as in mathematics: a block with `return` is meant. */
  private formula(): Statement {
    const sign = this.advance();
    const { start } = this.token;
    const value = this.lastExpression();
    const span = this.spanFrom(start);
    const text = `{ return ${this.source.slice(span)} }`;
    if (value.kind !== 'missing') {
      const whole = { start: sign.start, end: span.end };
      const message = `The value of a function stands in a block: \`${text}\`.`;
      this.error(spanOf(sign), message, 'syntax', [replacement(whole, text)]);
    }
    return { kind: 'return', value, span };
  }

  /** `layer f(x) { ... }` or `layer cell = f(...)`. */
  protected layer(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName(forms.layer);
    if (name === undefined) return undefined;
    if (this.accept('=')) {
      return {
        kind: 'instance',
        name,
        value: this.lastExpression(),
        span: this.spanFrom(start),
        ...this.doc(start),
      };
    }
    return this.definitionOf('layer', name, start);
  }

  protected optimizer(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName(forms.optimizer);
    if (name === undefined) return undefined;
    const parts = this.head(() => {
      if (this.is('='))
        throw this.unexpected(
          `An optimiser is defined like this: \`${forms.optimizer}\`; to choose one, write \`optimizer = ...\` in \`train\`.`,
        );
      const own = this.formals();
      if (!this.here('(')) {
        const at = { start: name.span.end, end: name.span.end };
        const message = `An optimiser has two lists of arguments, its own first: \`${name.name}() (p, g)\`.`;
        this.error(name.span, message, 'syntax', [replacement(at, '() ', 'Put in ()')]);
        return { own: [], given: own };
      }
      return { own, given: this.formals() };
    });
    const [parameter, gradient] = this.parameterAndGradient(name, parts?.given);
    const body = this.block();
    const span = this.spanFrom(start);
    return {
      kind: 'optimizer',
      name,
      formals: parts?.own ?? [],
      parameter,
      gradient,
      body,
      span,
      ...this.doc(start),
    };
  }

  private parameterAndGradient(
    name: Identifier,
    given: readonly Formal[] | undefined,
  ): [Identifier, Identifier] {
    const [parameter, gradient] = given ?? [];
    if (given !== undefined && (given.length !== 2 || given.some(formal => formal.default !== undefined))) {
      this.error(name.span, `An optimiser takes the parameter and its gradient: \`${forms.optimizer}\`.`);
    }
    const end = name.span.end;
    const absent = (word: string): Identifier => ({ name: word, span: { start: end, end } });
    return [parameter?.name ?? absent('p'), gradient?.name ?? absent('g')];
  }

  protected forBlock(): Statement {
    const { start } = this.advance();
    let name: Identifier | undefined;
    let end: Expression | undefined;
    const nameStart = this.token.start;
    const from = this.head(() => {
      name = this.identifier('for i in 0..3 { ... }');
      if (!this.accept('in')) throw this.loopWithoutIn();
      const first = this.expression();
      if (this.accept('..')) end = this.expression();
      else if (first.kind === 'call' && first.callee.name === 'range') {
        const bounds = this.rangeBounds(first);
        end = bounds.end;
        return bounds.from;
      }
      return first;
    });
    const hole = this.hole(nameStart);
    name ??= { name: '_', span: { start: hole.span.start, end: hole.span.start } };
    const body = this.block();
    const span = this.spanFrom(start);
    return { kind: 'for', name, from: from ?? hole, ...(end && { end }), body, span, ...this.doc(start) };
  }

  private loopWithoutIn(): SyntaxFailure {
    const fixes = this.is('=') || this.is(':') ? [replacement(this.token, 'in')] : [];
    if (this.atEnd() || this.is('{')) return this.unexpected('A loop is written `for i in 0..3 { ... }`.');
    return new SyntaxFailure(
      this.token,
      'A loop is written `for i in 0..3 { ... }` or `for v in x { ... }`.',
      'syntax',
      fixes,
    );
  }

  /** Python's `range(a, b)` as the bounds of a counted loop. */
  private rangeBounds(call: CallExpression): { from: Expression; end?: Expression } {
    const { span } = call;
    const zero: Expression = { kind: 'number', value: 0, span: { start: span.start, end: span.start } };
    const values = call.arguments.map(argument => argument.value);
    const [from, end] = values.length === 1 ? [zero, values[0]] : values;
    const known = from !== undefined && end !== undefined && values.length <= 2;
    const text = known
      ? `${from === zero ? 0 : this.source.slice(from.span)}..${this.source.slice(end.span)}`
      : undefined;
    const message = `A counted loop is written \`for i in ${text ?? 'a..b'}\`; the last number is left out.`;
    this.error(span, message, 'syntax-python', text === undefined ? [] : [replacement(span, text)]);
    return known ? { from, end } : { from: { kind: 'missing', span } };
  }

  protected whileBlock(): Statement {
    const { start } = this.advance();
    const { condition, body } = this.conditional();
    return { kind: 'while', condition, body, span: this.spanFrom(start), ...this.doc(start) };
  }

  protected ifBlock(): Statement {
    const { start } = this.advance();
    const doc = this.doc(start);
    const { condition, body } = this.conditional();
    const otherwise = this.otherwise();
    return {
      kind: 'if',
      condition,
      body,
      ...(otherwise && { otherwise }),
      span: this.spanFrom(start),
      ...doc,
    };
  }

  private conditional(): { condition: Expression; body: Statement[] } {
    const { start } = this.token;
    const condition = this.head(() => {
      const value = this.expression();
      if (this.here('=')) {
        throw new SyntaxFailure(this.token, 'Two values are compared with `==`.', 'syntax', [
          replacement(this.token, '=='),
        ]);
      }
      return value;
    });
    const hole = this.hole(start);
    return { condition: condition ?? hole, body: this.block() };
  }

  private otherwise(): Statement[] | undefined {
    const { token } = this;
    if (
      token.kind === 'name' &&
      (token.text === 'elif' || token.text === 'elseif') &&
      !this.is('=', this.peek(1))
    ) {
      this.error(spanOf(token), `\`${token.text}\` is written \`else if\` here.`, 'syntax-python', [
        replacement(token, 'else if'),
      ]);
      return this.elseIf();
    }
    if (!this.is('else')) return undefined;
    this.advance();
    if (this.is('if') && !this.token.first) return this.elseIf();
    this.head(() => undefined);
    return this.block();
  }

  private elseIf(): Statement[] {
    if (this.tooDeep()) return [];
    this.nesting++;
    const inner = this.ifBlock();
    this.nesting--;
    return [inner];
  }

  protected train(): Statement {
    const { start } = this.advance();
    const lossStart = this.token.start;
    const objective = this.head(() => {
      if (this.is('{'))
        throw new SyntaxFailure(
          this.tokens[this.index - 1]!,
          'What to make small is missing: `train loss { ... }`.',
        );
      return this.expression();
    });
    const hole = this.hole(lossStart);
    const entries = this.entries();
    return {
      kind: 'train',
      objective: objective ?? hole,
      entries,
      span: this.spanFrom(start),
      ...this.doc(start),
    };
  }

  protected tune(): Statement {
    const { start } = this.advance();
    this.head(() => {
      if (!this.is('{')) {
        throw new SyntaxFailure(
          this.tokens[this.index - 1]!,
          'Only its block follows `tune`: `tune { trials = 20 }`.',
        );
      }
    });
    const entries = this.entries();
    return { kind: 'tune', entries, span: this.spanFrom(start), ...this.doc(start) };
  }
}
