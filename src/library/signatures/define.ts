import type { ParameterKind, Signature, SignatureGroup, SignatureParameter } from '../signature';

/**
 * One line of the table. `head` is the signature as the manual writes it, with the kind of an argument after
 * a colon where it is no tensor: `dropout(x, p: number = 0.5, mask = none, training: word auto|true|false = auto)`.
 * `...` before a name takes all remaining positional arguments.
 */
export function define(group: SignatureGroup, head: string, doc: string, formula?: string): Signature {
  const open = head.indexOf('(');
  const inside = head.slice(open + 1, head.lastIndexOf(')'));
  const parameters = splitOutsideBrackets(inside).map(parameterOf);
  return { name: head.slice(0, open), group, parameters, doc, ...(formula !== undefined && { formula }) };
}

/** The lines of one group. */
export function group(
  name: SignatureGroup,
  lines: readonly (readonly [head: string, doc: string, formula?: string])[],
): Signature[] {
  return lines.map(([head, doc, formula]) => define(name, head, doc, formula));
}

function parameterOf(text: string): SignatureParameter {
  const [declared = '', standard] = text.split(' = ');
  const [left = '', type] = declared.split(': ');
  const variadic = left.startsWith('...');
  const [kind, choices] = type?.split(' ') ?? [];
  return {
    name: variadic ? left.slice(3) : left,
    ...(kind !== undefined && { kind: kind as ParameterKind }),
    ...(standard !== undefined && { default: standard }),
    ...(variadic && { variadic }),
    ...(choices !== undefined && { choices: choices.split('|') }),
  };
}

function splitOutsideBrackets(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '[') depth++;
    else if (text[i] === ']') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  const last = text.slice(from).trim();
  return last === '' ? parts : [...parts, last];
}
