import type { Signature } from '../../library/signature';
import { contextsOf, type SignatureContext, signature } from '../../library/signatures';
import { trainKeys, tuneKeys } from '../../library/trainKeys';
import { contains, type Span } from '../source';
import type { TextAnalysis } from '../text';

/** `dense(x, units, act = none, bias = true)` */
export function signatureLine({ name, parameters }: Signature): string {
  const parts = parameters.map(parameter => {
    if (parameter.variadic) return `${parameter.name}, ...`;
    return parameter.default === undefined ? parameter.name : `${parameter.name} = ${parameter.default}`;
  });
  return `${name}(${parts.join(', ')})`;
}

/** What a built-in is, as Markdown. */
export function signatureDoc(entry: Signature): string {
  const parts = [`\`\`\`nabla\n${signatureLine(entry)}\n\`\`\``, entry.doc];
  if (entry.formula !== undefined) parts.push(`\`${entry.formula}\``);
  const words = entry.parameters.filter(
    parameter => parameter.choices !== undefined && parameter.kind === 'word',
  );
  for (const { name, choices } of words)
    parts.push(`\`${name}\`: ${choices!.map(word => `\`${word}\``).join(', ')}`);
  return parts.join('\n\n');
}

export interface BuiltInDoc {
  readonly span: Span;
  readonly markdown: string;
}

/** The documentation of the built-in or the key at an offset; nothing for names of the file. */
export function builtInAt({ file, symbols, source }: TextAnalysis, offset: number): BuiltInDoc | undefined {
  for (const statement of file.statements) {
    if ((statement.kind !== 'train' && statement.kind !== 'tune') || !contains(statement.span, offset))
      continue;
    const entry = statement.entries.find(({ key }) => contains(key.span, offset));
    const keys = statement.kind === 'train' ? trainKeys : tuneKeys;
    const key = entry && keys.find(({ name }) => name === entry.key.name);
    if (key === undefined) continue;
    const standard = key.default === undefined ? '' : ` = ${key.default}`;
    return { span: entry!.key.span, markdown: `\`\`\`nabla\n${key.name}${standard}\n\`\`\`\n\n${key.doc}` };
  }
  const call = symbols.calls.find(resolved => contains(resolved.call.callee.span, offset));
  if (call !== undefined && call.definition === undefined) {
    return documented(call.call.callee.name, call.context, call.call.callee.span);
  }
  return namedFunctionAt({ symbols }, source.text, offset);
}

/** `act = tanh`: a function that is named and not called. */
function namedFunctionAt(
  { symbols }: Pick<TextAnalysis, 'symbols'>,
  text: string,
  offset: number,
): BuiltInDoc | undefined {
  for (const { call, parameters } of symbols.calls) {
    for (const [i, { value }] of call.arguments.entries()) {
      if (value.kind !== 'name' || parameters[i]?.kind !== 'function' || !contains(value.span, offset))
        continue;
      return documented(text.slice(value.span.start, value.span.end), 'expression', value.span);
    }
  }
  return undefined;
}

function documented(name: string, context: SignatureContext, span: Span): BuiltInDoc | undefined {
  const entry = signature(name, context) ?? signature(name, contextsOf(name)[0]);
  return entry && { span, markdown: signatureDoc(entry) };
}
