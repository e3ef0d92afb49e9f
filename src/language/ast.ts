import type { DType } from '../graph/types';
import type { Span } from './source';

/**
 * The abstract syntax of a model file. Plain data, so that it can be cloned to a worker. Every node carries
 * the span of its text without surrounding blanks. Where the text is broken the parser puts a `missing`
 * expression, so a tree always exists.
 */
export interface File {
  readonly statements: readonly Statement[];
}

/** An identifier in NFC, with its place. */
export interface Identifier {
  readonly name: string;
  readonly span: Span;
}

interface StatementBase {
  readonly span: Span;
  /** The comment block directly above, `#` and one blank removed, lines joined by newlines. */
  readonly doc?: string;
}

export type Statement =
  | DataStatement
  | InputStatement
  | ParamStatement
  | BindStatement
  | CheckStatement
  | TrainStatement
  | TuneStatement
  | FunctionStatement
  | InstanceStatement
  | ForStatement
  | IfStatement
  | WhileStatement
  | ReturnStatement
  | OptimizerStatement
  | StateStatement
  | ImportStatement;

/** `data d = SOURCE` */
export interface DataStatement extends StatementBase {
  readonly kind: 'data';
  readonly name: Identifier;
  readonly source: Expression;
}

/** `input x : SHAPE [DTYPE] [= EXPR]` */
export interface InputStatement extends StatementBase {
  readonly kind: 'input';
  readonly name: Identifier;
  readonly shape: ShapeExpression;
  readonly dtype: DType;
  readonly value?: Expression;
}

/** `param W : SHAPE ~ INIT` or `param w [: SHAPE] = EXPR` */
export interface ParamStatement extends StatementBase {
  readonly kind: 'param';
  readonly name: Identifier;
  readonly shape?: ShapeExpression;
  readonly initializer?: Expression;
  readonly value?: Expression;
}

/** `name = EXPR`, or `ys[t] = EXPR` inside a counted loop. */
export interface BindStatement extends StatementBase {
  readonly kind: 'bind';
  readonly name: Identifier;
  readonly index?: Expression;
  readonly value: Expression;
}

/** `check A ~= B [(tol = T)]` */
export interface CheckStatement extends StatementBase {
  readonly kind: 'check';
  readonly left: Expression;
  readonly right: Expression;
  readonly tolerance?: Expression;
}

/** One `key = value` of a `train` or `tune` block. */
export interface Entry {
  readonly key: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** `train LOSS { key = value ... }` */
export interface TrainStatement extends StatementBase {
  readonly kind: 'train';
  readonly objective: Expression;
  readonly entries: readonly Entry[];
}

/** `tune { key = value ... }` */
export interface TuneStatement extends StatementBase {
  readonly kind: 'tune';
  readonly entries: readonly Entry[];
}

/** One formal parameter of a `fn`, `layer` or `optimizer`. */
export interface Formal {
  readonly name: Identifier;
  readonly default?: Expression;
}

/** `fn f(a, b = 1) { ... }`; `layer f(x, units) { ... }` */
export interface FunctionStatement extends StatementBase {
  readonly kind: 'fn' | 'layer';
  readonly name: Identifier;
  readonly formals: readonly Formal[];
  readonly body: readonly Statement[];
}

/** `layer cell = f(units = 8)` */
export interface InstanceStatement extends StatementBase {
  readonly kind: 'instance';
  readonly name: Identifier;
  readonly value: Expression;
}

/** `for i in a..b { ... }` (with `end`) or `for v in x { ... }` (without). */
export interface ForStatement extends StatementBase {
  readonly kind: 'for';
  readonly name: Identifier;
  readonly from: Expression;
  readonly end?: Expression;
  readonly body: readonly Statement[];
}

/** `else if` is an `otherwise` that holds one `if`. */
export interface IfStatement extends StatementBase {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly body: readonly Statement[];
  readonly otherwise?: readonly Statement[];
}

export interface WhileStatement extends StatementBase {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: readonly Statement[];
}

export interface ReturnStatement extends StatementBase {
  readonly kind: 'return';
  readonly value: Expression;
}

/** `optimizer f(lr = 0.1) (p, g) { ... }` */
export interface OptimizerStatement extends StatementBase {
  readonly kind: 'optimizer';
  readonly name: Identifier;
  readonly formals: readonly Formal[];
  readonly parameter: Identifier;
  readonly gradient: Identifier;
  readonly body: readonly Statement[];
}

/** `state v = EXPR`, inside an optimizer. */
export interface StateStatement extends StatementBase {
  readonly kind: 'state';
  readonly name: Identifier;
  readonly value: Expression;
}

export interface ImportStatement extends StatementBase {
  readonly kind: 'import';
  readonly path: StringLiteral;
}

/** `[N, 4]`; the dimensions are ordinary expressions that lowering reads as sizes. */
export interface ShapeExpression {
  readonly dimensions: readonly Expression[];
  readonly span: Span;
}

export type BinaryOperator =
  | 'or'
  | 'and'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '@'
  | '**';

export type UnaryOperator = '-' | 'not';

export type ConstantName = 'pi' | 'inf' | 'nan' | 'true' | 'false' | 'none';

export type Expression =
  | NumberLiteral
  | StringLiteral
  | Constant
  | NameExpression
  | UnaryExpression
  | BinaryExpression
  | ConditionalExpression
  | CallExpression
  | IndexExpression
  | MemberExpression
  | ListExpression
  | MissingExpression;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface Constant {
  readonly kind: 'constant';
  readonly name: ConstantName;
  readonly span: Span;
}

export interface NameExpression {
  readonly kind: 'name';
  readonly name: string;
  readonly span: Span;
}

export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly span: Span;
}

export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
  /** The operator's own place, for messages that point at it. */
  readonly operatorSpan: Span;
}

/** `A if C else B` */
export interface ConditionalExpression {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
  readonly span: Span;
}

export interface Argument {
  readonly name?: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Identifier;
  readonly arguments: readonly Argument[];
  readonly span: Span;
}

/** `x[...]`: one item an axis. */
export interface IndexExpression {
  readonly kind: 'index';
  readonly target: Expression;
  readonly items: readonly IndexItem[];
  readonly span: Span;
}

export type IndexItem =
  | { readonly kind: 'at'; readonly value: Expression; readonly span: Span }
  | {
      readonly kind: 'slice';
      readonly start?: Expression;
      readonly stop?: Expression;
      readonly step?: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'ellipsis'; readonly span: Span };

/** `x.T` (transpose) or `h.W` (a parameter of the layer call bound to `h`). */
export interface MemberExpression {
  readonly kind: 'member';
  readonly target: Expression;
  readonly member: Identifier;
  readonly span: Span;
}

export interface ListExpression {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly span: Span;
}

/** Stands where the parser found no expression; a syntax error has been reported there. */
export interface MissingExpression {
  readonly kind: 'missing';
  readonly span: Span;
}
