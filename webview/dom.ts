/** Elements in one expression. Text goes in as text, so nothing that comes from a file is ever read as markup. */

type Child = Node | string | undefined | false;

interface Properties {
  readonly class?: string;
  readonly title?: string;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  /** Everything else, as attributes; `undefined` and `false` leave one out. */
  readonly attributes?: Readonly<Record<string, string | boolean | undefined>>;
}

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (properties.class) made.className = properties.class;
  if (properties.title) made.title = properties.title;
  for (const [event, handle] of Object.entries(properties.on ?? {})) made.addEventListener(event, handle);
  for (const [key, value] of Object.entries(properties.attributes ?? {})) {
    if (value === true) made.setAttribute(key, '');
    else if (typeof value === 'string') made.setAttribute(key, value);
  }
  append(made, children);
  return made;
}

export function append(parent: HTMLElement, children: readonly Child[]): void {
  for (const child of children) if (child) parent.append(child);
}

/** A drawing of a few strokes, in the colour of the text around it. */
export function icon(path: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(namespace, 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}
