import type { Lexer } from './lexer';
import { isNamePart, isNameStart } from './token';

/** What most numbers are, with nothing after them that could belong to them. */
const simple = /\d{1,15}(?:\.\d{1,15})?(?![\w.\u0080-\uffff])/y;
const wellFormed = /^\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+(?:_\d+)*)?$/;
/** Takes in what people write and the language does not: `1.`, `.5`, `1e`, `1__0`, `1_`. */
const loose = /[\d_]*(?:\.(?!\.)[\d_]*)?(?:[eE](?:[+-]?\d[\d_]*|(?![\p{XID_Continue}])))?/uy;

/** Scans a number that starts at a digit, or at a point before a digit. */
export function scanNumber(lexer: Lexer, start: number): void {
  const { text } = lexer;
  simple.lastIndex = start;
  if (simple.test(text)) {
    lexer.position = simple.lastIndex;
    lexer.push('number', start, text.slice(start, lexer.position));
    return;
  }
  loose.lastIndex = start;
  const raw = loose.exec(text)![0];
  lexer.position = start + raw.length;
  const plain = repair(raw);
  if (glued(lexer, start, plain)) return;
  if (!wellFormed.test(raw)) {
    lexer.error('syntax', start, lexer.position, `A number has digits on both sides: write \`${plain}\`.`, {
      title: `Write ${plain}`,
      span: { start, end: lexer.position },
      text: plain,
    });
  } else if (Number(plain.replaceAll('_', '')) === Number.POSITIVE_INFINITY) {
    lexer.error(
      'text-limit',
      start,
      lexer.position,
      'This number is too large to hold (above 1.8e308): write `inf` for infinity.',
    );
  }
  lexer.push('number', start, plain.replaceAll('_', ''));
}

/** `3x` and `0xff`: a name that begins where the number ends. */
function glued(lexer: Lexer, start: number, plain: string): boolean {
  const { text } = lexer;
  const code = text.codePointAt(lexer.position);
  if (code === undefined || !isNameStart(code)) return false;
  let end = lexer.position;
  while (end < text.length && isNamePart(text.codePointAt(end)!)) {
    end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  }
  const name = text.slice(lexer.position, end);
  const whole = text.slice(start, end);
  if (/^0[xXbBoO][\da-fA-F_]+$/.test(whole)) {
    const value = Number(whole.replaceAll('_', ''));
    lexer.position = end;
    const decimal = Number.isFinite(value) ? String(value) : '0';
    lexer.error('syntax-python', start, end, `Numbers are decimal: write \`${decimal}\`.`, {
      title: `Write ${decimal}`,
      span: { start, end },
      text: decimal,
    });
    lexer.push('number', start, decimal);
    return true;
  }
  lexer.error(
    'syntax',
    start,
    end,
    `A product needs its sign: write \`${plain} * ${name}\`. A name cannot start with a digit.`,
    {
      title: `Write ${plain} * ${name}`,
      span: { start, end },
      text: `${plain} * ${name}`,
    },
  );
  lexer.position = end;
  lexer.push('number', start, plain.replaceAll('_', ''));
  return true;
}

function repair(raw: string): string {
  const [mantissa = '', exponent = ''] = raw.split(/[eE]/);
  const [whole = '', fraction] = mantissa.split('.');
  let plain = tidy(whole) || '0';
  if (fraction !== undefined) plain += `.${tidy(fraction) || '0'}`;
  const power = tidy(exponent);
  return power === '' ? plain : `${plain}e${power}`;
}

function tidy(digits: string): string {
  return digits.replace(/_+/g, '_').replace(/^_|_$/g, '');
}
