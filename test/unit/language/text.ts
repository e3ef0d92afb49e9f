import type { Expression, IndexItem, Statement } from '../../../src/language/ast';
import type { Diagnostic } from '../../../src/language/diagnostic';
import { parse } from '../../../src/language/parser';
import { Source } from '../../../src/language/source';
import { analyzeText } from '../../../src/language/text';

/** A diagnostic as one line: `1:5 code message`. */
export function describeDiagnostic(text: string, diagnostic: Diagnostic): string {
  const { line, column } = new Source('m.nabla', text).position(diagnostic.span.start);
  return `${line}:${column} ${diagnostic.code} ${diagnostic.message}`;
}

export function syntaxErrors(text: string): string[] {
  return parse(new Source('m.nabla', text)).diagnostics.map(d => describeDiagnostic(text, d));
}

export function problems(text: string): string[] {
  return analyzeText(new Source('m.nabla', text)).diagnostics.map(d => describeDiagnostic(text, d));
}

/** The text after every first fix has been applied, from the end to the start. */
export function repaired(text: string): string {
  return applyFixes(text, analyzeText(new Source('m.nabla', text)).diagnostics);
}

/** As `repaired`, for syntax errors only. */
export function repairedSyntax(text: string): string {
  return applyFixes(text, parse(new Source('m.nabla', text)).diagnostics);
}

function applyFixes(text: string, diagnostics: readonly Diagnostic[]): string {
  const fixes = diagnostics
    .flatMap(d => d.fixes?.slice(0, 1) ?? [])
    .sort((a, b) => b.span.start - a.span.start);
  return fixes.reduce((t, { span, text: plain }) => t.slice(0, span.start) + plain + t.slice(span.end), text);
}

/** The statements of a text in a fully bracketed notation. */
export function tree(text: string): string {
  return parse(new Source('m.nabla', text)).file.statements.map(showStatement).join('; ');
}

export function showStatement(s: Statement): string {
  const block = (body: readonly Statement[]): string => `{ ${body.map(showStatement).join('; ')} }`;
  switch (s.kind) {
    case 'data':
      return `data ${s.name.name} = ${show(s.source)}`;
    case 'input':
      return `input ${s.name.name} ${list(s.shape.dimensions)} ${s.dtype}${s.value ? ` = ${show(s.value)}` : ''}`;
    case 'param': {
      const start = s.initializer ? ` ~ ${show(s.initializer)}` : ` = ${show(s.value!)}`;
      return `param ${s.name.name}${s.shape ? ` ${list(s.shape.dimensions)}` : ''}${start}`;
    }
    case 'bind':
      return `${s.name.name}${s.index ? `[${show(s.index)}]` : ''} = ${show(s.value)}`;
    case 'check':
      return `check ${show(s.left)} ~= ${show(s.right)}${s.tolerance ? ` tol ${show(s.tolerance)}` : ''}`;
    case 'train':
      return `train ${show(s.objective)} { ${s.entries.map(e => `${e.key.name} = ${show(e.value)}`).join('; ')} }`;
    case 'tune':
      return `tune { ${s.entries.map(e => `${e.key.name} = ${show(e.value)}`).join('; ')} }`;
    case 'fn':
    case 'layer':
    case 'optimizer': {
      const formals = s.formals.map(f => f.name.name + (f.default ? ` = ${show(f.default)}` : '')).join(', ');
      const rest = s.kind === 'optimizer' ? ` (${s.parameter.name}, ${s.gradient.name})` : '';
      return `${s.kind} ${s.name.name}(${formals})${rest} ${block(s.body)}`;
    }
    case 'instance':
      return `layer ${s.name.name} = ${show(s.value)}`;
    case 'for':
      return `for ${s.name.name} in ${show(s.from)}${s.end ? `..${show(s.end)}` : ''} ${block(s.body)}`;
    case 'if':
      return `if ${show(s.condition)} ${block(s.body)}${s.otherwise ? ` else ${block(s.otherwise)}` : ''}`;
    case 'while':
      return `while ${show(s.condition)} ${block(s.body)}`;
    case 'return':
      return `return ${show(s.value)}`;
    case 'state':
      return `state ${s.name.name} = ${show(s.value)}`;
    case 'import':
      return `import ${show(s.path)}`;
  }
}

function list(items: readonly Expression[]): string {
  return `[${items.map(show).join(', ')}]`;
}

export function show(e: Expression): string {
  switch (e.kind) {
    case 'number':
      return String(e.value);
    case 'string':
      return JSON.stringify(e.value);
    case 'constant':
    case 'name':
      return e.name;
    case 'unary':
      return `(${e.operator}${e.operator === 'not' ? ' ' : ''}${show(e.operand)})`;
    case 'binary':
      return `(${show(e.left)} ${e.operator} ${show(e.right)})`;
    case 'conditional':
      return `(${show(e.then)} if ${show(e.condition)} else ${show(e.otherwise)})`;
    case 'call': {
      const given = e.arguments.map(a => (a.name ? `${a.name.name} = ` : '') + show(a.value));
      return `${e.callee.name}(${given.join(', ')})`;
    }
    case 'index':
      return `${show(e.target)}[${e.items.map(showItem).join(', ')}]`;
    case 'member':
      return `${show(e.target)}.${e.member.name}`;
    case 'list':
      return list(e.items);
    case 'missing':
      return '?';
  }
}

function showItem(item: IndexItem): string {
  if (item.kind === 'at') return show(item.value);
  if (item.kind === 'ellipsis') return '...';
  const part = (e: Expression | undefined): string => (e ? show(e) : '');
  return `${part(item.start)}:${part(item.stop)}${item.step ? `:${show(item.step)}` : ''}`;
}
