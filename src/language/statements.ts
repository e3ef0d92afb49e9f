import type { DType } from '../graph/types';
import type {
  BinaryOperator,
  Expression,
  Identifier,
  ParamStatement,
  ShapeExpression,
  Statement,
} from './ast';
import { CompoundParser } from './compounds';
import { spanOf } from './expressions';
import { closestWord } from './spelling';
import { keywords, statementKeywords, statementWords, type Token, typeNames } from './token';
import { replacement, SyntaxFailure } from './tokenStream';

const dtypeAliases: Readonly<Record<string, DType>> = {
  float16: 'float',
  float32: 'float',
  float64: 'float',
  double: 'float',
  real: 'float',
  int32: 'int',
  int64: 'int',
  long: 'int',
  integer: 'int',
  uint8: 'int',
  boolean: 'bool',
};

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

/** Statements that stand on one line; the blocks are in `CompoundParser`. */
export class StatementParser extends CompoundParser {
  protected statement(): Statement | undefined {
    const { token } = this;
    const wrongStart = this.lineStart();
    if (wrongStart !== undefined) {
      this.attempt(() => {
        throw wrongStart;
      });
      return undefined;
    }
    if (token.kind === 'keyword') return this.keywordStatement(token);
    if (token.kind === 'name') {
      if (this.isStatementWord(this.index)) return this.wordStatement(token.text);
      const next = this.peek(1);
      if (this.is('=', next) && !this.cutOff(this.index + 1)) return this.bind();
      const foreign = this.foreignStatement(token, next);
      if (foreign !== 'none') return foreign;
    }
    return this.nameless();
  }

  private keywordStatement(token: Token): Statement | undefined {
    switch (token.text) {
      case 'fn':
        return this.definition('fn');
      case 'for':
        return this.forBlock();
      case 'if':
        return this.ifBlock();
      case 'while':
        return this.whileBlock();
      case 'return':
        return this.returnStatement();
      case 'import':
        return this.importStatement();
      default:
        this.attempt(() => {
          if (this.is('=', this.peek(1))) {
            throw new SyntaxFailure(
              token,
              `\`${token.text}\` is a keyword: choose another name.`,
              'name-reserved',
            );
          }
          const message =
            token.text === 'else'
              ? '`else` follows the `}` of an `if`.'
              : `A statement cannot start with \`${token.text}\`.`;
          throw new SyntaxFailure(token, message);
        });
        return undefined;
    }
  }

  private wordStatement(word: string): Statement | undefined {
    switch (word) {
      case 'data':
        return this.data();
      case 'input':
        return this.input();
      case 'param':
        return this.param();
      case 'state':
        return this.state();
      case 'check':
        return this.check();
      case 'train':
        return this.train();
      case 'tune':
        return this.tune();
      case 'optimizer':
        return this.optimizer();
      default:
        return this.layer();
    }
  }

  private bind(): Statement {
    const { start } = this.token;
    const name = this.identifier('name = value');
    this.advance();
    return {
      kind: 'bind',
      name,
      value: this.lastExpression(),
      span: this.spanFrom(start),
      ...this.doc(start),
    };
  }

  private data(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName('data iris = csv("iris.csv")');
    if (name === undefined) return undefined;
    const source = this.after('=', 'A source is missing: `data iris = csv("iris.csv")`.');
    return { kind: 'data', name, source, span: this.spanFrom(start), ...this.doc(start) };
  }

  private state(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName('state v = zeros_like(p)');
    if (name === undefined) return undefined;
    const value = this.after('=', 'The first value is missing: `state v = zeros_like(p)`.');
    return { kind: 'state', name, value, span: this.spanFrom(start), ...this.doc(start) };
  }

  private input(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName('input x : [N, 4]');
    if (name === undefined) return undefined;
    let dtype: DType = 'float';
    let value: Expression | undefined;
    const shape = this.attempt(() => {
      if (!this.accept(':')) throw this.unexpected('An input has a shape: `input x : [N, 4]`.');
      const sizes = this.shape();
      dtype = this.dtype();
      if (!this.accept('=')) this.expectEnd();
      else value = this.lastExpression();
      return sizes;
    });
    const head = { kind: 'input', name, dtype, span: this.spanFrom(start), ...this.doc(start) } as const;
    return { ...head, shape: shape ?? this.holeShape(), ...(value && { value }) };
  }

  private dtype(): DType {
    const { token } = this;
    if (token.kind !== 'name' || this.atEnd()) return 'float';
    this.advance();
    if (typeNames.has(token.text)) return token.text as DType;
    const alias = Object.hasOwn(dtypeAliases, token.text) ? dtypeAliases[token.text] : undefined;
    const word = alias ?? closestWord(token.text, typeNames);
    const fixes = word === undefined ? [] : [replacement(token, word)];
    this.error(
      spanOf(token),
      `The types are \`float\`, \`int\` and \`bool\`, not \`${token.text}\`.`,
      'syntax',
      fixes,
    );
    return (word as DType | undefined) ?? 'float';
  }

  /** A shape nobody wrote: one hole, so that lowering does not take it for a scalar. */
  private holeShape(): ShapeExpression {
    const hole = this.hole(this.previousEnd);
    return { dimensions: [hole], span: hole.span };
  }

  private param(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName('param W : [4, 3] ~ xavier()');
    if (name === undefined) return undefined;
    let shape: ShapeExpression | undefined;
    let rest: Pick<ParamStatement, 'initializer' | 'value'> | undefined;
    this.attempt(() => {
      if (this.accept(':')) shape = this.shape();
      if (this.accept('~')) {
        if (shape === undefined) {
          throw new SyntaxFailure(
            name.span,
            'With an initialiser a parameter needs its shape: `param W : [4, 3] ~ xavier()`.',
          );
        }
        rest = { initializer: this.lastExpression() };
      } else if (this.accept('=')) rest = { value: this.lastExpression() };
      else throw this.unexpected('How the parameter starts is missing: `~ xavier()` or `= 0.5`.');
    });
    rest ??= { value: this.hole(this.previousEnd) };
    return {
      kind: 'param',
      name,
      ...(shape && { shape }),
      ...rest,
      span: this.spanFrom(start),
      ...this.doc(start),
    };
  }

  private check(): Statement {
    const { start } = this.advance();
    let right: Expression | undefined;
    let tolerance: Expression | undefined;
    const leftStart = this.token.start;
    const left = this.attempt(() => {
      this.toleranceMayFollow = true;
      const value = this.expression();
      if (!this.accept('~=')) throw this.checkWithout(value);
      right = this.expression();
      this.toleranceMayFollow = false;
      tolerance = this.tolerance();
      this.expectEnd();
      return value;
    });
    this.toleranceMayFollow = false;
    return {
      kind: 'check',
      left: left ?? this.hole(leftStart),
      right: (left && right) ?? this.hole(this.previousEnd),
      ...(left && tolerance && { tolerance }),
      span: this.spanFrom(start),
      ...this.doc(start),
    };
  }

  private checkWithout(left: Expression): SyntaxFailure {
    if (left.kind === 'binary' && left.operator === '==') {
      return new SyntaxFailure(
        left.operatorSpan,
        'A check compares with `~=`, within a tolerance.',
        'syntax',
        [replacement(left.operatorSpan, '~=')],
      );
    }
    if (this.is('=') || this.is('~')) {
      return new SyntaxFailure(this.token, 'A check compares with `~=`: `check A ~= B`.', 'syntax', [
        replacement(this.token, '~='),
      ]);
    }
    return this.unexpected('A check has two sides: `check A ~= B`.');
  }

  private tolerance(): Expression | undefined {
    if (!this.here('(')) return undefined;
    const [value] = this.bracketed('(', ')', () => {
      this.advance();
      this.advance();
      const tolerance = this.expression();
      if (!this.is(')')) throw new SyntaxFailure(this.token, 'The tolerance is one number: `(tol = 1e-4)`.');
      return tolerance;
    });
    return value;
  }

  private returnStatement(): Statement {
    const { start } = this.advance();
    return { kind: 'return', value: this.lastExpression(), span: this.spanFrom(start), ...this.doc(start) };
  }

  private importStatement(): Statement | undefined {
    const keyword = this.advance();
    return this.attempt(() => {
      const { token } = this;
      if (token.kind !== 'string' || this.atEnd()) {
        const message =
          'Built-in functions need no import; definitions of another file come with `import "layers.nabla"`.';
        throw new SyntaxFailure(
          token.kind === 'name' ? token : keyword,
          message,
          token.kind === 'name' ? 'syntax-python' : 'syntax',
        );
      }
      this.advance();
      this.expectEnd();
      const path = { kind: 'string', value: token.text, span: spanOf(token) } as const;
      return { kind: 'import', path, span: this.spanFrom(keyword.start), ...this.doc(keyword.start) };
    });
  }

  /** A statement that starts with a name and is no `name = ...`; `none` when nothing special is known. */
  private foreignStatement(token: Token, next: Token): Statement | undefined | 'none' {
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
  private nameless(): Statement | undefined {
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
