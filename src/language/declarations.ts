import { closestWord } from '../base/spelling';
import type { DType } from '../graph/types';
import type { Expression, ParamStatement, ShapeExpression, Statement } from './ast';
import { CompoundParser } from './compounds';
import { typeNames } from './token';
import { replacement, SyntaxFailure, spanOf } from './tokenStream';

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

/** Statements that begin with a word and stand on one line. */
export abstract class DeclarationParser extends CompoundParser {
  protected data(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName('data iris = csv("iris.csv")');
    if (name === undefined) return undefined;
    const source = this.after('=', 'A source is missing: `data iris = csv("iris.csv")`.');
    return { kind: 'data', name, source, span: this.spanFrom(start), ...this.doc(start) };
  }

  protected state(): Statement | undefined {
    const { start } = this.advance();
    const name = this.declaredName('state v = zeros_like(p)');
    if (name === undefined) return undefined;
    const value = this.after('=', 'The first value is missing: `state v = zeros_like(p)`.');
    return { kind: 'state', name, value, span: this.spanFrom(start), ...this.doc(start) };
  }

  protected input(): Statement | undefined {
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

  protected param(): Statement | undefined {
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

  protected check(): Statement {
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

  protected returnStatement(): Statement {
    const { start } = this.advance();
    return { kind: 'return', value: this.lastExpression(), span: this.spanFrom(start), ...this.doc(start) };
  }

  protected importStatement(): Statement | undefined {
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
}
