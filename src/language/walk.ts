import type { CallExpression, Expression, Statement } from './ast';

/** The statements that stand directly inside a statement. */
export function childStatements(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case 'if':
      return [...statement.body, ...(statement.otherwise ?? [])];
    case 'for':
    case 'while':
    case 'fn':
    case 'layer':
    case 'optimizer':
      return statement.body;
    default:
      return [];
  }
}

/** The expressions that stand directly inside a statement. */
export function statementExpressions(statement: Statement): readonly Expression[] {
  const found: Expression[] = [];
  eachStatementExpression(statement, expression => found.push(expression));
  return found;
}

/** Visits the expressions that stand directly inside a statement. */
export function eachStatementExpression(statement: Statement, visit: (expression: Expression) => void): void {
  switch (statement.kind) {
    case 'data':
      visit(statement.source);
      return;
    case 'input':
      for (const dimension of statement.shape.dimensions) visit(dimension);
      if (statement.value) visit(statement.value);
      return;
    case 'param':
      for (const dimension of statement.shape?.dimensions ?? []) visit(dimension);
      if (statement.initializer) visit(statement.initializer);
      if (statement.value) visit(statement.value);
      return;
    case 'bind':
      if (statement.index) visit(statement.index);
      visit(statement.value);
      return;
    case 'check':
      visit(statement.left);
      visit(statement.right);
      if (statement.tolerance) visit(statement.tolerance);
      return;
    case 'train':
      visit(statement.objective);
      for (const entry of statement.entries) visit(entry.value);
      return;
    case 'tune':
      for (const entry of statement.entries) visit(entry.value);
      return;
    case 'for':
      visit(statement.from);
      if (statement.end) visit(statement.end);
      return;
    case 'if':
    case 'while':
      visit(statement.condition);
      return;
    case 'instance':
    case 'return':
    case 'state':
      visit(statement.value);
      return;
    case 'fn':
    case 'layer':
    case 'optimizer':
      for (const formal of statement.formals) if (formal.default) visit(formal.default);
      return;
    case 'import':
      visit(statement.path);
      return;
  }
}

/** The expressions that stand directly inside an expression. */
export function childExpressions(expression: Expression): readonly Expression[] {
  const found: Expression[] = [];
  eachChildExpression(expression, child => found.push(child));
  return found;
}

/** Visits the expressions that stand directly inside an expression. */
export function eachChildExpression(expression: Expression, visit: (child: Expression) => void): void {
  switch (expression.kind) {
    case 'unary':
      visit(expression.operand);
      return;
    case 'binary':
      visit(expression.left);
      visit(expression.right);
      return;
    case 'conditional':
      visit(expression.then);
      visit(expression.condition);
      visit(expression.otherwise);
      return;
    case 'call':
      for (const argument of expression.arguments) visit(argument.value);
      return;
    case 'index':
      visit(expression.target);
      for (const item of expression.items) {
        if (item.kind === 'at') visit(item.value);
        else if (item.kind === 'slice') {
          if (item.start) visit(item.start);
          if (item.stop) visit(item.stop);
          if (item.step) visit(item.step);
        }
      }
      return;
    case 'member':
      visit(expression.target);
      return;
    case 'list':
      for (const item of expression.items) visit(item);
      return;
  }
}

/** Visits every statement, the ones inside blocks included, in the order of the text. */
export function eachStatement(
  statements: readonly Statement[],
  visit: (statement: Statement, parents: readonly Statement[]) => void,
  parents: readonly Statement[] = [],
): void {
  for (const statement of statements) {
    visit(statement, parents);
    const children = childStatements(statement);
    if (children.length > 0) eachStatement(children, visit, [...parents, statement]);
  }
}

/** Whether some part of an expression, or the whole, satisfies the test. */
export function someExpression(expression: Expression, test: (part: Expression) => boolean): boolean {
  return test(expression) || childExpressions(expression).some(child => someExpression(child, test));
}

export function isCallOf(expression: Expression, names: ReadonlySet<string>): expression is CallExpression {
  return expression.kind === 'call' && names.has(expression.callee.name);
}

/** Whether an expression is made of written numbers alone. */
export function isLiteral(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'constant':
      return true;
    case 'unary':
      return isLiteral(expression.operand);
    case 'list':
      return expression.items.every(isLiteral);
    default:
      return false;
  }
}

/** Whether a `return` stands somewhere in a body, in its blocks too. */
export function hasReturn(body: readonly Statement[]): boolean {
  return body.some(statement => statement.kind === 'return' || hasReturn(childStatements(statement)));
}
