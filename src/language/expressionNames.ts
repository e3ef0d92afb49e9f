import type { SignatureParameter } from '../library/signature';
import { type SignatureContext, signature, signatures } from '../library/signatures';
import { bindArguments, parametersOf } from './arguments';
import type { CallExpression, Expression, File, Identifier, ShapeExpression, Statement } from './ast';
import { Environment } from './environment';
import type { Definition, ResolvedCall, UncalledName, UnknownName, Use } from './symbols';
import { eachStatement } from './walk';

/** Notes what the names inside expressions mean. Bare words of arguments, as in `reduction = sum`, are no names. */
export abstract class ExpressionResolver {
  readonly uses: Use[] = [];
  readonly unknown: UnknownName[] = [];
  readonly calls: ResolvedCall[] = [];
  readonly uncalled: UncalledName[] = [];
  protected readonly functions = new Map<string, Definition>();
  protected environment = Environment.empty();
  /** Names that stand for themselves here: `step` in an optimizer, `k` in a schedule. */
  protected readonly given = new Set<string>();
  protected current: Statement | undefined;
  private readonly symbols = new Map<string, Definition>();
  /** Capitalised names that stand in some shape of the file, also further down. */
  private readonly symbolNames = new Set<string>();
  /** Another file brings functions that are not known here. */
  private readonly imports: boolean;

  constructor(file: File) {
    let imports = false;
    eachStatement(file.statements, statement => {
      imports ||= statement.kind === 'import';
      const shape = statement.kind === 'input' || statement.kind === 'param' ? statement.shape : undefined;
      for (const dimension of shape?.dimensions ?? []) this.collectSymbols(dimension);
    });
    this.imports = imports;
  }

  protected abstract defineSymbol(name: Identifier, statement: Statement): Definition;

  private collectSymbols(dimension: Expression): void {
    if (dimension.kind === 'name' && isSymbol(dimension.name)) this.symbolNames.add(dimension.name);
    else if (dimension.kind === 'binary') {
      this.collectSymbols(dimension.left);
      this.collectSymbols(dimension.right);
    } else if (dimension.kind === 'unary') this.collectSymbols(dimension.operand);
  }

  protected shape(shape: ShapeExpression): void {
    for (const dimension of shape.dimensions) this.visit(dimension, 'expression', true);
  }

  /** `context` is where a call is looked up; `sizes` says that capitalised names are symbols. */
  protected visit(expression: Expression, context: SignatureContext = 'expression', sizes = false): void {
    switch (expression.kind) {
      case 'name':
        if (sizes && isSymbol(expression.name)) this.symbol(expression);
        else if (context !== 'expression' && signature(expression.name, context)) {
          this.uncalled.push({ name: expression.name, span: expression.span, context });
        } else this.value(expression);
        return;
      case 'unary':
        this.visit(expression.operand, 'expression', sizes);
        return;
      case 'binary':
        this.visit(expression.left, 'expression', sizes);
        this.visit(expression.right, 'expression', sizes);
        return;
      case 'conditional':
        this.visit(expression.condition);
        this.visit(expression.then, 'expression', sizes);
        this.visit(expression.otherwise, 'expression', sizes);
        return;
      case 'call':
        this.call(expression, context);
        return;
      case 'index':
        this.visit(expression.target);
        for (const item of expression.items) {
          if (item.kind === 'at') this.visit(item.value);
          else if (item.kind === 'slice') {
            for (const bound of [item.start, item.stop, item.step]) if (bound) this.visit(bound);
          }
        }
        return;
      case 'member':
        this.visit(expression.target);
        return;
      case 'list':
        for (const item of expression.items) this.visit(item, context, sizes);
        return;
      default:
        return;
    }
  }

  private call(call: CallExpression, context: SignatureContext): void {
    const { callee } = call;
    const values = this.environment.get(callee.name);
    if (values.some(d => d.kind === 'formal')) {
      this.callFormal(
        call,
        values.filter(d => d.kind === 'formal'),
      );
      return;
    }
    const definition = this.functions.get(callee.name);
    const formals = this.parametersOf(call, definition, context);
    if (definition !== undefined) {
      this.uses.push({ name: callee.name, span: callee.span, definitions: [definition], role: 'call' });
    } else if (formals === undefined && !this.imports) {
      this.unknown.push({ ...callee, role: 'call', context, candidates: this.functionNames(context) });
    }
    const bound = formals && bindArguments(call.arguments, formals);
    if (bound) {
      const { parameters, problems } = bound;
      const resolved = { call, context, formals, parameters, problems };
      this.calls.push(definition === undefined ? resolved : { ...resolved, definition });
    }
    for (let i = 0; i < call.arguments.length; i++) {
      const argument = call.arguments[i]!;
      if (argument.name !== undefined && definition !== undefined)
        this.argumentName(argument.name, definition);
      // of an argument that has no place, only the place is reported
      const lost = bound !== undefined && bound.parameters[i] === undefined && argument.value.kind === 'name';
      if (!lost || this.isValue(argument.value)) {
        if (definition !== undefined && this.isFunction(argument.value)) this.functionName(argument.value);
        else this.argument(argument.value, bound?.parameters[i]);
      }
    }
  }

  /** The parameters of what is called; those of a function of the file are the same for all its calls. */
  private parametersOf(
    call: CallExpression,
    definition: Definition | undefined,
    context: SignatureContext,
  ): readonly SignatureParameter[] | undefined {
    if (definition === undefined) return builtinParameters(call, context);
    let known = this.ownParameters.get(definition);
    if (known === undefined) {
      known = definedParameters(definition, this.functions);
      if (known !== undefined) this.ownParameters.set(definition, known);
    }
    return known;
  }

  private readonly ownParameters = new Map<Definition, readonly SignatureParameter[]>();

  /** A function that came as an argument: what it takes is not known here. */
  private callFormal({ callee, arguments: given }: CallExpression, definitions: readonly Definition[]): void {
    this.uses.push({ name: callee.name, span: callee.span, definitions, role: 'value' });
    for (const argument of given) this.argument(argument.value, undefined);
  }

  /** A bare name that is no value but a function: functions of the file take such. */
  private isFunction(value: Expression): value is Extract<Expression, { kind: 'name' }> {
    if (value.kind !== 'name' || this.environment.get(value.name).some(d => d.kind !== 'instance'))
      return false;
    const { name } = value;
    return this.functions.has(name) || (signature(name) !== undefined && !this.symbolNames.has(name));
  }

  protected isValue(value: Expression): boolean {
    return value.kind === 'name' && this.environment.get(value.name).length > 0;
  }

  private argument(value: Expression, parameter: SignatureParameter | undefined): void {
    if (value.kind === 'name' && parameter !== undefined) {
      if (parameter.kind === 'word' || parameter.choices?.includes(value.name)) return;
      if (parameter.kind === 'function') {
        this.functionName(value);
        return;
      }
      if (parameter.kind === 'string') return;
    }
    if (parameter?.kind === 'function' && value.kind === 'call' && value.arguments.length === 0) return;
    this.visit(value, argumentContext(parameter), parameter?.kind === 'shape' || parameter?.kind === 'size');
  }

  protected visitInstance(value: Expression): void {
    if (value.kind !== 'call') {
      this.visit(value);
      return;
    }
    this.call(value, 'expression');
    // an instance gives some arguments; the others come when it is called
    const at = this.calls.findIndex(resolved => resolved.call === value);
    const resolved = this.calls[at];
    if (resolved)
      this.calls[at] = { ...resolved, problems: resolved.problems.filter(p => p.kind !== 'missing') };
  }

  /** `units = 8` in the call of a function of the file names its argument. */
  private argumentName(name: Identifier, definition: Definition): void {
    const { statement } = definition;
    if (!('formals' in statement) || !statement.formals.some(formal => formal.name.name === name.name))
      return;
    this.pendingArguments.push({ name, owner: statement });
  }

  private readonly pendingArguments: { name: Identifier; owner: Statement }[] = [];

  private functionName(expression: Extract<Expression, { kind: 'name' }>): void {
    const { name, span } = expression;
    const definition = this.functions.get(name);
    if (definition !== undefined) this.uses.push({ name, span, definitions: [definition], role: 'call' });
    else if (signature(name) === undefined && !this.imports) {
      this.unknown.push({
        name,
        span,
        role: 'call',
        context: 'expression',
        candidates: this.functionNames('expression'),
      });
    }
  }

  private symbol(expression: Extract<Expression, { kind: 'name' }>): void {
    const { name, span } = expression;
    const known = this.symbols.get(name);
    if (known !== undefined) {
      this.uses.push({ name, span, definitions: [known], role: 'value' });
    } else if (this.symbolNames.has(name)) {
      this.symbols.set(name, this.defineSymbol({ name, span }, this.current!));
    } else {
      this.unknown.push({ name, span, role: 'symbol', candidates: [...this.symbolNames] });
    }
  }

  private value(expression: Extract<Expression, { kind: 'name' }>): void {
    const { name, span } = expression;
    const definitions = this.environment.get(name);
    // `k` in a schedule and `step` in an optimizer come before names of the file, not before names of the body
    if (this.given.has(name) && definitions.every(definition => definition.scope === undefined)) return;
    if (definitions.length > 0) this.uses.push({ name, span, definitions, role: 'value' });
    else if (isSymbol(name) && this.symbolNames.has(name)) this.symbol(expression);
    else {
      const elsewhere = this.environment.partlyBound(name);
      const candidates = [...this.environment.names(), ...this.symbolNames];
      this.unknown.push({ name, span, role: 'value', candidates, ...(elsewhere && { elsewhere }) });
    }
  }

  private functionNames(context: SignatureContext): string[] {
    return [...this.functions.keys(), ...signatures(context).map(entry => entry.name)];
  }

  /** Ties up what only the whole file can tell: arguments by name, and definitions further down. */
  protected explainUnknown(definitions: readonly Definition[]): void {
    for (const { name, owner } of this.pendingArguments) {
      const formal = definitions.find(
        d => d.kind === 'formal' && d.statement === owner && d.name === name.name,
      );
      if (formal !== undefined) this.uses.push({ ...name, definitions: [formal], role: 'argument' });
    }
    this.unknown.forEach((unknown, i) => {
      if (unknown.elsewhere !== undefined) return;
      const elsewhere = definitions.find(d => d.name === unknown.name && d.kind !== 'symbol');
      if (elsewhere !== undefined) this.unknown[i] = { ...unknown, elsewhere };
    });
  }
}

/** Capitalised names are symbols in shapes. */
export function isSymbol(name: string): boolean {
  return /^\p{Lu}/u.test(name);
}

/** Where a call inside an argument is looked up. */
function argumentContext(parameter: SignatureParameter | undefined): SignatureContext {
  if (parameter?.kind === 'initializer') return 'initializer';
  return parameter?.kind === 'source' || parameter?.kind === 'table' ? 'data source' : 'expression';
}

/** The parameters of a function of the file; an instance takes what it has not been given. */
function definedParameters(
  { statement }: Definition,
  functions: ReadonlyMap<string, Definition>,
  depth = 0,
): readonly SignatureParameter[] | undefined {
  if (statement.kind !== 'instance')
    return 'formals' in statement ? parametersOf(statement.formals) : undefined;
  const { value } = statement;
  if (value.kind !== 'call' || depth > 10) return undefined;
  const layer = functions.get(value.callee.name);
  const whole =
    layer === undefined
      ? builtinParameters(value, 'expression')
      : definedParameters(layer, functions, depth + 1);
  const fixed = whole && bindArguments(value.arguments, whole).parameters;
  return whole?.filter(parameter => !fixed!.includes(parameter));
}

/**
 * The parameters of a function that is built in. As a layer's argument, `zeros()` is an initializer and
 * `zeros([4, 3])` a tensor.
 */
function builtinParameters(
  call: CallExpression,
  context: SignatureContext,
): readonly SignatureParameter[] | undefined {
  const { name } = call.callee;
  const special = signature(name, context);
  const general = signature(name);
  if (special === undefined)
    return context === 'initializer' || context === 'schedule' ? general?.parameters : undefined;
  if (context !== 'initializer' || general === undefined) return special.parameters;
  const positional = call.arguments.filter(argument => argument.name === undefined).length;
  return positional < special.parameters.length ? special.parameters : general.parameters;
}
