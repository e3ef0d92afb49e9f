/**
 * Characters that word processors, full-width keyboards and formula editors put where the language has a
 * plain one. The lexer reports them, offers the plain form and reads on as if it stood there.
 */
const table: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '‐': '-',
  '‑': '-',
  '‒': '-',
  '×': '*',
  '·': '*',
  '∙': '*',
  '⋅': '*',
  '∗': '*',
  '•': '*',
  '⊙': '*',
  '÷': '/',
  '∕': '/',
  '⁄': '/',
  '≤': '<=',
  '⩽': '<=',
  '≥': '>=',
  '⩾': '>=',
  '≠': '!=',
  '≈': '~=',
  '≃': '~=',
  '∼': '~',
  '～': '~',
  '…': '...',
  '‥': '..',
  '、': ',',
  '。': '.',
  '∶': ':',
  '〔': '[',
  '〕': ']',
  '【': '[',
  '】': ']',
  '∧': 'and',
  '∨': 'or',
  '¬': 'not',
  '∈': 'in',
  '←': '=',
  '≔': '=',
  '＝': '=',
  '²': '** 2',
  '³': '** 3',
  ᵀ: '.T',
  '⊤': '.T',
  '∞': 'inf',
  '√': 'sqrt',
  '∑': 'sum',
  '∏': 'prod',
  '∇': 'grad',
  '∂': 'grad',
};

const quotes = new Set(['“', '”', '„', '‟', '«', '»', '＂', '″', '〝', '〞']);
const singleQuotes = new Set(["'", '‘', '’', '‚', '‛', '＇', '′', '`', '´']);

export function isDoubleQuoteLike(character: string): boolean {
  return quotes.has(character);
}

export function isSingleQuoteLike(character: string): boolean {
  return singleQuotes.has(character);
}

/** Spaces other than the blank, the tab and the no-break space; zero-width ones mean nothing at all. */
export function plainSpace(character: string): string | undefined {
  if (/[\u200b-\u200d\u2060\ufeff\u00ad\u200e\u200f]/.test(character)) return '';
  return /[\u1680\u2000-\u200a\u202f\u205f\u3000\v\f\u0085\u2028\u2029]/.test(character) ? ' ' : undefined;
}

/** `₁` is no part of a name in Unicode, but everyone writes it: `x₁` is offered as `x1`. */
export function subscriptDigit(codePoint: number): string | undefined {
  return codePoint >= 0x2080 && codePoint <= 0x2089 ? String(codePoint - 0x2080) : undefined;
}

/** The plain form of one character, or undefined when it looks like nothing of ours. */
export function plainForm(character: string): string | undefined {
  const known = table[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0)!;
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
  return undefined;
}
