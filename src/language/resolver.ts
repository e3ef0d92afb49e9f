import { contextsOf } from '../library/signatures';
import type { BlockKey } from '../library/trainKeys';
import { trainKeys } from '../library/trainKeys';
import type { Entry, Expression, File, Formal, Identifier, Statement } from './ast';
import type { Environment } from './environment';
import { ExpressionResolver } from './expressionNames';
import type { Span } from './source';
import type { Definition, DefinitionKind } from './symbols';
import { eachStatement } from './walk';

type Definer = Extract<Statement, { kind: 'fn' | 'layer' | 'optimizer' | 'instance' }>;

/** Walks the statements in order and notes what each name means. */
export class Resolver extends ExpressionResolver {
  readonly definitions: Definition[] = [];
  readonly lasting: Definition[] = [];
  readonly duplicates: { first: Definition; second: Definition }[] = [];
  /** How many definitions each name has in the scope in hand; a function and a value may share a name. */
  private versions = { callables: new Map<string, number>(), values: new Map<string, number>() };
  private scope: Span | undefined;

  constructor(private readonly file: File) {
    super(file);
  }

  run(): void {
    eachStatement(this.file.statements, statement => {
      if (statement.kind === 'fn' || statement.kind === 'layer' || statement.kind === 'optimizer') {
        this.defineFunction(statement, statement.kind);
      } else if (statement.kind === 'instance') this.defineFunction(statement, 'instance');
    });
    this.block(this.file.statements);
    this.environment.eachHolding(definition => this.lasting.push(definition));
    this.explainUnknown(this.definitions);
  }

  private defineFunction(statement: Definer, kind: DefinitionKind): void {
    const definition = this.definition(statement.name, kind, statement);
    const first = this.functions.get(definition.name);
    if (first !== undefined) this.duplicates.push({ first, second: definition });
    else this.functions.set(definition.name, definition);
  }

  private definition(
    name: Identifier,
    kind: DefinitionKind,
    statement: Statement,
    formal?: Formal,
  ): Definition {
    const callable = kind === 'fn' || kind === 'layer' || kind === 'optimizer';
    const versions = callable ? this.versions.callables : this.versions.values;
    const version = (versions.get(name.name) ?? 0) + 1;
    versions.set(name.name, version);
    const { scope } = this;
    const outside = { name: name.name, kind, span: name.span, statement, version };
    const inside = scope === undefined ? outside : { ...outside, scope };
    const definition = formal === undefined ? inside : { ...inside, formal };
    this.definitions.push(definition);
    return definition;
  }

  protected defineSymbol(name: Identifier, statement: Statement): Definition {
    const definition: Definition = {
      name: name.name,
      kind: 'symbol',
      span: name.span,
      statement,
      version: 1,
    };
    this.definitions.push(definition);
    return definition;
  }

  private bind(name: Identifier, kind: DefinitionKind, statement: Statement, formal?: Formal): Definition {
    const definition = this.definition(name, kind, statement, formal);
    this.environment.bind(definition);
    return definition;
  }

  /** A name that may be declared once on a path. */
  private declare(name: Identifier, kind: DefinitionKind, statement: Statement): void {
    const definition = this.bind(name, kind, statement);
    const first = this.environment.declare(definition);
    if (first !== undefined) this.duplicates.push({ first, second: definition });
  }

  private block(statements: readonly Statement[]): void {
    for (const statement of statements) {
      this.current = statement;
      this.statement(statement);
    }
  }

  private statement(statement: Statement): void {
    switch (statement.kind) {
      case 'data':
        this.visit(statement.source, 'data source');
        this.declare(statement.name, 'data', statement);
        return;
      case 'input':
        this.shape(statement.shape);
        if (statement.value) this.visit(statement.value);
        this.declare(statement.name, 'input', statement);
        return;
      case 'param':
        if (statement.shape) this.shape(statement.shape);
        if (statement.initializer) this.visit(statement.initializer, 'initializer');
        if (statement.value) this.visit(statement.value);
        this.declare(statement.name, 'param', statement);
        return;
      case 'bind':
        this.visit(statement.value);
        if (statement.index) this.visit(statement.index);
        this.bind(statement.name, 'node', statement);
        return;
      case 'state':
        this.visit(statement.value);
        this.bind(statement.name, 'state', statement);
        return;
      case 'check':
        this.visit(statement.left);
        this.visit(statement.right);
        if (statement.tolerance) this.visit(statement.tolerance);
        return;
      case 'return':
        this.visit(statement.value);
        this.environment.closed = true;
        return;
      case 'instance':
        this.visitInstance(statement.value);
        this.environment.bind(this.functions.get(statement.name.name)!);
        return;
      case 'fn':
      case 'layer':
      case 'optimizer':
        this.body(statement);
        return;
      case 'for':
      case 'while':
      case 'if':
        this.compound(statement);
        return;
      case 'train':
        this.visit(statement.objective);
        for (const entry of statement.entries) this.trainEntry(entry);
        return;
      case 'tune':
        for (const entry of statement.entries) this.tuneEntry(entry);
        return;
      case 'import':
        return;
    }
  }

  private body(statement: Extract<Statement, { kind: 'fn' | 'layer' | 'optimizer' }>): void {
    const outer = this.environment;
    const { scope, versions } = this;
    for (const formal of statement.formals) if (formal.default) this.visit(formal.default);
    this.environment = outer.inner();
    this.scope = statement.span;
    this.versions = { callables: new Map(), values: new Map() };
    for (const formal of statement.formals) this.bind(formal.name, 'formal', statement, formal);
    if (statement.kind === 'optimizer') {
      this.bind(statement.parameter, 'formal', statement);
      this.bind(statement.gradient, 'formal', statement);
      this.given.add('step');
    }
    this.block(statement.body);
    this.given.delete('step');
    this.environment.eachHolding(definition => this.lasting.push(definition));
    this.environment = outer;
    this.scope = scope;
    this.versions = versions;
  }

  private compound(statement: Extract<Statement, { kind: 'for' | 'while' | 'if' }>): void {
    const before = this.environment;
    if (statement.kind === 'if') {
      this.visit(statement.condition);
      const paths = [statement.body, statement.otherwise ?? []].map(body => {
        this.environment = before.branch();
        this.block(body);
        return this.environment;
      });
      this.environment = before;
      before.join(paths);
      return;
    }
    if (statement.kind === 'for') {
      this.visit(statement.from);
      if (statement.end) this.visit(statement.end);
    }
    const from = this.uses.length;
    const inside = before.branch();
    this.environment = inside;
    if (statement.kind === 'for') this.bind(statement.name, 'loop', statement);
    else this.visit(statement.condition);
    this.block(statement.body);
    this.carryAround(from, before, inside);
    this.environment = before;
    // a counted loop is taken to turn at least once; lowering knows its bounds
    before.join(statement.kind === 'for' && !inside.closed ? [inside] : [before.branch(), inside]);
  }

  /** In a loop, a name of the turn before is meant as well as the one from above. */
  private carryAround(from: number, before: Environment, inside: Environment): void {
    for (let i = from; i < this.uses.length; i++) {
      const use = this.uses[i]!;
      const above = before.get(use.name);
      if (above.length === 0 || !use.definitions.some(d => above.includes(d))) continue;
      const carried = inside.get(use.name).filter(d => !use.definitions.includes(d));
      if (carried.length > 0) this.uses[i] = { ...use, definitions: [...use.definitions, ...carried] };
    }
  }

  private trainEntry(entry: Entry): void {
    const key: BlockKey | undefined = trainKeys.find(k => k.name === entry.key.name);
    const { value } = entry;
    if (value.kind === 'name' && (key?.choices?.includes(value.name) || key?.kind === 'word')) return;
    if (key?.kind === 'optimizer') this.visit(value, 'optimizer');
    else if (key?.kind === 'schedule') {
      this.given.add('k');
      this.visit(value, 'schedule');
      this.given.delete('k');
    } else if (key === undefined) this.strayValue(value);
    else this.visit(value);
  }

  /** The value of a key that is not known: the key is what is wrong, so the value is given the benefit of doubt. */
  private strayValue(value: Expression): void {
    if (value.kind === 'name' && !this.isValue(value)) return;
    this.visit(
      value,
      value.kind === 'call' ? (contextsOf(value.callee.name)[0] ?? 'expression') : 'expression',
    );
  }

  private tuneEntry(entry: Entry): void {
    const definitions = this.environment.get(entry.key.name);
    if (definitions.length > 0) {
      this.uses.push({ name: entry.key.name, span: entry.key.span, definitions, role: 'key' });
    }
    if (entry.value.kind !== 'name') this.visit(entry.value, 'search');
  }
}
