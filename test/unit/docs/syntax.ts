import type { CallExpression, Expression, File, Statement } from '../../../src/language/ast';
import { childExpressions, childStatements, statementExpressions } from '../../../src/language/walk';

/** Every statement of a file, those inside blocks too. */
export function statementsOf(file: Pick<File, 'statements'>): Statement[] {
  return file.statements.flatMap(statement => [
    statement,
    ...statementsOf({ statements: childStatements(statement) }),
  ]);
}

/** Every expression of a file. */
export function expressionsOf(file: Pick<File, 'statements'>): Expression[] {
  const within = (expression: Expression): Expression[] => [
    expression,
    ...childExpressions(expression).flatMap(within),
  ];
  return statementsOf(file).flatMap(statementExpressions).flatMap(within);
}

/** Every call of a name. */
export function callsOf(file: Pick<File, 'statements'>, name: string): CallExpression[] {
  return expressionsOf(file).filter(
    (each): each is CallExpression => each.kind === 'call' && each.callee.name === name,
  );
}
