import type { Argument, CallExpression, Expression, Identifier } from './ast';
import { Explainer } from './explainer';
import { foreignModules, foreignNames } from './foreignNames';
import { constantNames, type Token } from './token';
import { replacement, SyntaxFailure } from './tokenStream';

const constants: Readonly<Record<string, 'none' | 'true' | 'false'>> = {
  None: 'none',
  True: 'true',
  False: 'false',
  null: 'none',
  nil: 'none',
  TRUE: 'true',
  FALSE: 'false',
};

/** All words that `foreignName` knows. */
const foreignWords: ReadonlySet<string> = new Set([
  ...Object.keys(constants),
  'self',
  'lambda',
  'await',
  'yield',
  'new',
]);

const moduleConstants: Readonly<Record<string, 'pi' | 'inf' | 'nan' | 'none'>> = {
  pi: 'pi',
  inf: 'inf',
  nan: 'nan',
  newaxis: 'none',
};

/** Functions whose sizes or axes are one bracketed list here and many arguments there. */
const takesList: ReadonlySet<string> = new Set(['reshape', 'transpose', 'broadcast_to']);

/**
 * Habits from Python inside expressions. Each is reported once, with the form of the language as fix, and
 * read as that form, so that the rest of the statement means what its author meant.
 */
export abstract class ForeignSpeech extends Explainer {
  protected abstract call(callee: Identifier, given: readonly Argument[]): CallExpression;

  /** A name that was just taken, if it is a word of Python. */
  protected foreignName(token: Token): Expression | undefined {
    if (!foreignWords.has(token.text)) return undefined;
    const span = { start: token.start, end: token.end };
    const { text } = token;
    const constant = Object.hasOwn(constants, text) ? constants[text] : undefined;
    if (constant !== undefined && !this.here('(')) {
      const inShape = text === 'None' && (this.is(',') || this.is(']')) && this.depth > 0;
      const hint = inShape ? ' A size that is not known yet is a capital letter, such as `N`.' : '';
      this.error(span, `\`${text}\` is written \`${constant}\` here.${hint}`, 'syntax-python', [
        replacement(span, constant),
      ]);
      return { kind: 'constant', name: constant, span };
    }
    if (text === 'self' && this.here('.') && this.peek(1).kind === 'name') {
      this.advance();
      const member = this.advance();
      const prefix = { start: token.start, end: member.start };
      this.error(span, `There is no \`self\`: write \`${member.text}\`.`, 'syntax-python', [
        replacement(prefix, '', 'Remove self.'),
      ]);
      const name = { name: member.text, span: { start: member.start, end: member.end } };
      if (this.here('(')) return this.call(name, []);
      return { kind: 'name', ...name };
    }
    if (text === 'lambda' && (this.token.kind === 'name' || this.is(':')) && !this.cutOff(this.index)) {
      throw new SyntaxFailure(
        span,
        'There is no `lambda`: define `fn f(x) { return ... }` and use the name `f`.',
        'syntax-python',
      );
    }
    if (text === 'await' || text === 'yield' || text === 'new') {
      if (this.token.kind !== 'name' || this.cutOff(this.index)) return undefined;
      throw new SyntaxFailure(span, `There is no \`${text}\`: leave it out.`, 'syntax-python', [
        replacement(span, '', `Remove ${text}`),
      ]);
    }
    return undefined;
  }

  /** `target.member`, just taken, where it is a module's name or a call of a method. */
  protected foreignMember(target: Expression, member: Identifier, start: number): Expression | undefined {
    const called = this.here('(');
    if (target.kind === 'name' && foreignModules.has(target.name)) {
      if (this.here('.') && this.peek(1).kind === 'name') return { ...target, span: this.spanFrom(start) };
      const constant = Object.hasOwn(moduleConstants, member.name) ? moduleConstants[member.name] : undefined;
      if (called || constant !== undefined) return this.moduleMember(target, member, start, constant);
    }
    return called ? this.method(target, member, start) : undefined;
  }

  private moduleMember(
    target: Expression,
    member: Identifier,
    start: number,
    constant: 'pi' | 'inf' | 'nan' | 'none' | undefined,
  ): Expression {
    const name = constant ?? translate(member.name);
    const path = { start, end: member.span.end };
    const message = `There are no modules: write \`${name}\` for \`${this.source.slice(path)}\`.`;
    this.error(path, message, 'syntax-python', [replacement(path, name)]);
    if (constant !== undefined) return { kind: 'constant', name: constant, span: path };
    const call = this.call({ name, span: member.span }, []);
    return { ...call, span: { start: Math.min(target.span.start, call.span.start), end: call.span.end } };
  }

  private method(target: Expression, member: Identifier, start: number): Expression {
    const name = member.name === 'T' || member.name === 't' ? 'transpose' : translate(member.name);
    const grouped = target.kind === 'binary' || target.kind === 'unary' || target.kind === 'conditional';
    const subject = grouped
      ? this.source.slice(target.span)
      : this.source.text.slice(start, member.span.start).replace(/\s*\.\s*$/, '');
    const before = this.diagnostics.length;
    const call = this.call({ name, span: member.span }, [{ value: target, span: target.span }]);
    const whole = this.spanFrom(start);
    const given = call.arguments.slice(1);
    const text = this.functionForm(name, subject, given);
    const shown = text.length > 60 ? `${name}(${subject.length > 40 ? '...' : subject}, ...)` : text;
    // an inner habit of the same kind goes first: fixes must not overlap
    const fixes = this.diagnostics.length > before ? [] : [replacement(whole, text)];
    const point = { start: member.span.start, end: member.span.end };
    this.error(point, `Values have no methods: write \`${shown}\`.`, 'syntax-python', fixes);
    if (given.length === 0 && name === 'transpose') {
      return { kind: 'member', target, member: { name: 'T', span: member.span }, span: whole };
    }
    const spread = takesList.has(name) && isPlain(given) && given.length > 0;
    return { ...call, arguments: spread ? [call.arguments[0]!, listOf(given)] : call.arguments, span: whole };
  }

  private functionForm(name: string, subject: string, given: readonly Argument[]): string {
    const texts = given.map(argument => this.source.slice(argument.span));
    if (name === 'transpose' && given.length === 0) return `${subject}.T`;
    if (takesList.has(name) && isPlain(given) && given.length > 0)
      return `${name}(${subject}, [${texts.join(', ')}])`;
    return `${name}(${[subject, ...texts].join(', ')})`;
  }
}

function translate(name: string): string {
  return Object.hasOwn(foreignNames, name) && !constantNames.has(name) ? foreignNames[name]! : name;
}

function isPlain(given: readonly Argument[]): boolean {
  return given.every(argument => argument.name === undefined && argument.value.kind !== 'list');
}

function listOf(given: readonly Argument[]): Argument {
  const span = { start: given[0]!.span.start, end: given.at(-1)!.span.end };
  return { value: { kind: 'list', items: given.map(argument => argument.value), span }, span };
}
