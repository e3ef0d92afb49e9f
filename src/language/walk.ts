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
  const parts: (Expression | undefined)[] = [];
  switch (statement.kind) {
    case 'data':
      parts.push(statement.source);
      break;
    case 'input':
      parts.push(...statement.shape.dimensions, statement.value);
      break;
    case 'param':
      parts.push(...(statement.shape?.dimensions ?? []), statement.initializer, statement.value);
      break;
    case 'bind':
      parts.push(statement.index, statement.value);
      break;
    case 'check':
      parts.push(statement.left, statement.right, statement.tolerance);
      break;
    case 'train':
      parts.push(statement.objective, ...statement.entries.map(entry => entry.value));
      break;
    case 'tune':
      parts.push(...statement.entries.map(entry => entry.value));
      break;
    case 'for':
      parts.push(statement.from, statement.end);
      break;
    case 'if':
    case 'while':
      parts.push(statement.condition);
      break;
    case 'instance':
    case 'return':
    case 'state':
      parts.push(statement.value);
      break;
    case 'fn':
    case 'layer':
    case 'optimizer':
      parts.push(...statement.formals.map(formal => formal.default));
      break;
    case 'import':
      parts.push(statement.path);
      break;
  }
  return parts.filter(part => part !== undefined);
}

/** The expressions that stand directly inside an expression. */
export function childExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.then, expression.condition, expression.otherwise];
    case 'call':
      return expression.arguments.map(argument => argument.value);
    case 'index':
      return [
        expression.target,
        ...expression.items.flatMap(item => {
          if (item.kind === 'at') return [item.value];
          if (item.kind === 'ellipsis') return [];
          return [item.start, item.stop, item.step].filter(part => part !== undefined);
        }),
      ];
    case 'member':
      return [expression.target];
    case 'list':
      return expression.items;
    default:
      return [];
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
