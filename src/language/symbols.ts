import type { SignatureParameter } from '../library/signature';
import type { SignatureContext } from '../library/signatures';
import type { BoundArguments } from './arguments';
import type { CallExpression, File, Formal, Statement } from './ast';
import { Resolver } from './resolver';
import type { Span } from './source';

export type DefinitionKind =
  | 'data'
  | 'input'
  | 'param'
  | 'node'
  | 'fn'
  | 'layer'
  | 'instance'
  | 'optimizer'
  /** An argument of a `fn`, `layer` or `optimizer`, and `p` and `g` of the latter. */
  | 'formal'
  | 'loop'
  | 'state'
  /** A capitalised size, such as `N`; defined by its first place in a shape. */
  | 'symbol';

/** One place that gives a name its meaning. Rebinding a name makes another definition of it. */
export interface Definition {
  readonly name: string;
  readonly kind: DefinitionKind;
  /** The name's own place. */
  readonly span: Span;
  readonly statement: Statement;
  readonly formal?: Formal;
  /** Counts the definitions of the name in its scope from 1. */
  readonly version: number;
  /** Where the name can be meant: the body of the function it stands in, undefined for the whole file. */
  readonly scope?: Span;
}

export interface Use {
  readonly name: string;
  readonly span: Span;
  /**
   * What the name may mean here, the likeliest last: two after an `if` whose branches both bind it, or in a
   * loop that rebinds it. Empty when nothing of the file is meant.
   */
  readonly definitions: readonly Definition[];
  /** A call looks up functions, everything else values first. */
  readonly role: 'value' | 'call' | 'argument' | 'key';
}

export interface UnknownName {
  readonly name: string;
  readonly span: Span;
  readonly role: 'value' | 'call' | 'symbol';
  /** Where a call was looked up. */
  readonly context?: SignatureContext;
  /** A definition that does not reach here: further down, in one branch only, or in another function. */
  readonly elsewhere?: Definition;
  /** Names that could have been meant. */
  readonly candidates: readonly string[];
}

/** A call whose function is known, with its arguments matched to the parameters. */
export interface ResolvedCall extends BoundArguments {
  readonly call: CallExpression;
  readonly context: SignatureContext;
  /** The parameters of what is called; `BoundArguments` has them argument by argument. */
  readonly formals: readonly SignatureParameter[];
  /** The function of the file that is called; a built-in otherwise. */
  readonly definition?: Definition;
}

/** `optimizer = adam` without its parentheses. */
export interface UncalledName {
  readonly name: string;
  readonly span: Span;
  readonly context: SignatureContext;
}

/** The names of a file: what defines them, where they are used, and what is wrong with them. */
export interface Symbols {
  /** In the order of the text. */
  readonly definitions: readonly Definition[];
  /** In the order of the text. */
  readonly uses: readonly Use[];
  /** Definitions that still hold where their scope ends, on some path at least: nothing has bound the name again. */
  readonly lasting: readonly Definition[];
  readonly calls: readonly ResolvedCall[];
  readonly uncalled: readonly UncalledName[];
  readonly unknown: readonly UnknownName[];
  readonly duplicates: readonly { readonly first: Definition; readonly second: Definition }[];
}

export function resolve(file: File): Symbols {
  const resolver = new Resolver(file);
  resolver.run();
  const { definitions, uses, lasting, calls, uncalled, unknown, duplicates } = resolver;
  definitions.sort((a, b) => a.span.start - b.span.start);
  uses.sort((a, b) => a.span.start - b.span.start);
  return { definitions, uses, lasting, calls, uncalled, unknown, duplicates };
}

/** Every place where a use may mean the definition. */
export function usesOf(symbols: Symbols, definition: Definition): Use[] {
  return symbols.uses.filter(use => use.definitions.includes(definition));
}

/** Names that can be written at an offset, the latest definition of each. */
export function namesAt(symbols: Symbols, offset: number): Definition[] {
  const names = new Map<string, Definition>();
  for (const definition of symbols.definitions) {
    const { scope, kind, span, name } = definition;
    if (scope !== undefined && !(scope.start <= offset && offset <= scope.end)) continue;
    const everywhere = kind === 'fn' || kind === 'layer' || kind === 'optimizer' || kind === 'symbol';
    if (everywhere || span.end < offset) names.set(name, definition);
  }
  return [...names.values()];
}
