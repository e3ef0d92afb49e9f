import type { Statement } from './ast';
import { StrayParser } from './strays';
import type { Token } from './token';
import { SyntaxFailure } from './tokenStream';

/** Tells statements apart by how they begin. */
export class StatementParser extends StrayParser {
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

  protected keywordStatement(token: Token): Statement | undefined {
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

  protected wordStatement(word: string): Statement | undefined {
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
}
