/** Colours and weights of text; each function returns it unchanged where the terminal has none. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
}

const escapes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
} as const satisfies Record<keyof Style, readonly [number, number]>;

export function styleFor(coloured: boolean): Style {
  const paint = (name: keyof Style) => (text: string) => {
    const [on, off] = escapes[name];
    return coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  };
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    blue: paint('blue'),
  };
}
