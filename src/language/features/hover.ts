import type { TensorPicture, TensorSummary } from '../../drawing/displayGraph';
import { formatTensor } from '../../drawing/numbers';
import { pictureSvg } from '../../drawing/picture';
import type { Definition } from '../symbols';

/** What the engine knows of a name. */
export interface NameFacts {
  readonly dtype: 'float' | 'int' | 'bool';
  /** `[N, 4]` */
  readonly shape: string;
  /** Sizes where they are known now. */
  readonly sizes?: readonly number[];
  readonly reached: boolean;
  /** For data: column names with types and classes. */
  readonly columns?: readonly string[];
}

/** What goes into the hover of a named value. */
export interface HoverFacts {
  readonly name: string;
  readonly definition: Definition;
  /** The statement that binds it. */
  readonly statement: string;
  /** Absent before the engine has answered. */
  readonly info?: NameFacts;
  readonly value?: TensorSummary;
  readonly gradient?: TensorSummary;
  /** How the gradient passes through its operation: `∂h/∂z = 1 - h²`. */
  readonly local?: readonly string[];
  readonly objective?: string;
  /** Whose values: `initial, seed 0 · 32 of 1797 rows`. */
  readonly state?: string;
  /** Why there are no values. */
  readonly reason?: string;
  /** Where *Explain* leads; absent for what has no gradient. */
  readonly explain?: string;
  readonly theme: 'light' | 'dark';
}

const mostStatementLines = 3;
const mostDocLines = 5;
const mostLocals = 3;
/** VS Code shows 250 pixels of a hover; the way on to an explanation stands at its end. */
const withPicture = { docLines: 2, locals: 2, size: { width: 120, height: 50 } };

/** In Markdown; never more than 20 lines are drawn. */
export function describeName(facts: HoverFacts): string {
  const { local = [], definition } = facts;
  const pictured = hasPicture(facts.value) || hasPicture(facts.gradient);
  const sections = [
    `\`\`\`nabla\n${headline(facts)}\n${firstLines(facts.statement, mostStatementLines)}\n\`\`\``,
    firstLines(definition.statement.doc ?? '', pictured ? withPicture.docLines : mostDocLines),
    values(facts),
    locals(local, pictured ? withPicture.locals : mostLocals),
    footer(facts),
  ];
  return sections.filter(section => section !== '').join('\n\n');
}

export function describeCheck(
  check: { readonly pass: boolean; readonly message: string },
  state: string,
): string {
  return `${check.pass ? '✓' : '✗'} ${check.message}\n\n${state}`;
}

function headline({ name, definition, info }: HoverFacts): string {
  if (!info) return `${name} : ${definition.kind}`;
  const type = info.dtype === 'float' ? '' : ` ${info.dtype}`;
  const sizes = info.sizes && `[${info.sizes.join(', ')}]`;
  const now = sizes !== undefined && sizes !== info.shape ? `  # now ${sizes}` : '';
  return `${name} : ${info.shape}${type}${now}`;
}

function values({ info, value, gradient, objective, theme, reason }: HoverFacts): string {
  if (info?.columns) return `Columns: ${info.columns.map(column => `\`${column}\``).join(', ')}`;
  if (!value) return reason === undefined ? '' : `*No value: ${reason}*`;
  const lines = [`value \`${formatTensor(value)}\``];
  if (gradient) lines.push(`∂${objective ?? ''} \`${formatTensor(gradient)}\``);
  if (info && !info.reached && objective !== undefined) lines.push(`*${objective} does not depend on it.*`);
  const pictures = [value, gradient].map(tensor => picture(tensor, theme)).filter(image => image !== '');
  return [...lines, pictures.join(' ')].filter(line => line !== '').join('  \n');
}

/** A tensor whose numbers are too many to be read. */
function hasPicture(
  tensor: TensorSummary | undefined,
): tensor is TensorSummary & { readonly picture: TensorPicture } {
  return tensor?.picture !== undefined && !(tensor.elements && tensor.elements.length < 5);
}

function picture(tensor: TensorSummary | undefined, theme: 'light' | 'dark'): string {
  if (!hasPicture(tensor)) return '';
  const svg = pictureSvg(tensor.picture, withPicture.size, theme);
  return `![picture](data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')})`;
}

function locals(local: readonly string[], most: number): string {
  const shown = local.slice(0, most).map(formula => `\`${formula}\``);
  return [...shown, ...(local.length > most ? ['…'] : [])].join('  \n');
}

function footer({ state, explain, value }: HoverFacts): string {
  const parts: string[] = [];
  if (value && state !== undefined) parts.push(state);
  if (explain !== undefined) parts.push(`[Explain](${explain})`);
  return parts.join(' · ');
}

function firstLines(text: string, most: number): string {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.length > most ? [...lines.slice(0, most - 1), '…'].join('\n') : text;
}
