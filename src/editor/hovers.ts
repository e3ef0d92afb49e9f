import * as vscode from 'vscode';
import { commands } from '../ids';
import { describeCheck, describeName } from '../language/features/hover';
import { occurrenceAt } from '../language/features/occurrence';
import { builtInAt } from '../language/features/signatureDoc';
import type { Span } from '../language/source';
import type { Definition } from '../language/symbols';
import { describeState } from '../views/stateLabel';
import type { Inspection, NameInfo } from '../worker/protocol';
import { toOffset, toRange } from './convert';
import { memberAt, nameOf } from './nodeAt';
import type { Session } from './session';
import type { Sessions } from './sessions';

/** Milliseconds that a hover waits for the engine. */
const mostPatience = 2_000;

/** Shape, value and gradient of the name under the mouse; what a function does; how a check stands. */
export class Hovers implements vscode.HoverProvider {
  constructor(private readonly sessions: Sessions) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const session = this.sessions.synced(document);
    if (!session) return undefined;
    const { version } = session;
    const offset = toOffset(session.source, position);
    // VS Code keeps a hover while the mouse rests: without the engine's first answer it would stay without values.
    if (session.isBusy) await patiently(session.upToDate());
    await patiently(session.values.onPath());
    const meant = meantAt(session, offset);
    const node = meant?.info?.node ?? -1;
    const inspection = node < 0 ? undefined : await patiently(session.values.inspect(node));
    if (token.isCancellationRequested || session.version !== version) return undefined;
    const found =
      (meant && hoverName(session, meant, inspection)) ??
      hoverBuiltIn(session, offset) ??
      hoverCheck(session, offset);
    return withUntaken(session, offset, found);
  }
}

/** What the engine answers, unless that takes too long or fails. */
async function patiently<T>(answer: Promise<T>): Promise<T | undefined> {
  const patience = new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), mostPatience));
  return Promise.race([answer.catch(() => undefined), patience]);
}

function hoverName(
  session: Session,
  { definition, info, span }: Meant,
  inspection: Inspection | undefined,
): vscode.Hover {
  const { source, analysis } = session;
  const shown = inspection?.shown;
  const values = info && (shown?.result ?? session.values.of(info.node));
  const explain = info && values?.gradient ? explainLink(session.uri, info.node) : undefined;
  const state = stateOf(session, shown?.state);
  const dark = [vscode.ColorThemeKind.Dark, vscode.ColorThemeKind.HighContrast];
  const markdown = describeName({
    name: info?.name ?? definition.name,
    definition,
    statement: source.slice(definition.statement.span),
    theme: dark.includes(vscode.window.activeColorTheme.kind) ? 'dark' : 'light',
    ...(info ? { info } : {}),
    ...(values ? { value: values.value } : {}),
    ...(values?.gradient ? { gradient: values.gradient } : {}),
    ...(inspection ? { local: inspection.local } : {}),
    ...(analysis?.objective === undefined ? {} : { objective: analysis.objective }),
    ...(analysis?.reason === undefined ? {} : { reason: analysis.reason }),
    ...(explain === undefined ? {} : { explain }),
    ...(state === undefined ? {} : { state }),
  });
  return new vscode.Hover(trusted(markdown), toRange(source, span));
}

interface Meant {
  /** What binds the name; for a parameter that a layer owns, the layer. */
  readonly definition: Definition;
  readonly info: NameInfo | undefined;
  readonly span: Span;
}

function meantAt(session: Session, offset: number): Meant | undefined {
  const { text } = session;
  const occurrence = occurrenceAt(text, offset);
  const definition = occurrence?.definitions.at(-1);
  if (occurrence && definition) {
    return { definition, info: nameOf(session, definition), span: occurrence.span };
  }
  const member = memberAt(session, offset);
  const owner =
    member && text.symbols.definitions.findLast(({ name }) => member.info.name.startsWith(`${name}.`));
  return owner && { definition: owner, info: member.info, span: member.span };
}

function hoverBuiltIn({ text, source }: Session, offset: number): vscode.Hover | undefined {
  const found = builtInAt(text, offset);
  return found && new vscode.Hover(trusted(found.markdown), toRange(source, found.span));
}

function hoverCheck(session: Session, offset: number): vscode.Hover | undefined {
  for (const check of session.analysis?.checks ?? []) {
    const span = session.place(check.span);
    // on its keyword; the names inside speak for themselves
    if (!span || offset < span.start || offset > span.start + 'check'.length) continue;
    const markdown = describeCheck(check, stateOf(session) ?? '');
    return new vscode.Hover(
      trusted(markdown),
      toRange(session.source, { start: span.start, end: span.start + 5 }),
    );
  }
  return undefined;
}

/** Says of a branch that the values do not take it, beside what there is to say of the name in it. */
function withUntaken(
  session: Session,
  offset: number,
  found: vscode.Hover | undefined,
): vscode.Hover | undefined {
  const branches = (session.analysis?.untaken ?? []).flatMap(({ span, message }) => {
    const place = session.place(span);
    return place && place.start <= offset && offset <= place.end ? [{ place, message }] : [];
  });
  const innermost = branches.sort((a, b) => b.place.start - a.place.start)[0];
  if (!innermost) return found;
  const { place, message } = innermost;
  // The condition is words of the file; `appendText` would keep long ones from breaking over lines.
  const plain = message.replace(/[\\`*_{}[\]()#+\-.!<>|~&]/g, '\\$&');
  const said = new vscode.MarkdownString(`${plain[0]!.toUpperCase()}${plain.slice(1)}`);
  return found
    ? new vscode.Hover([...found.contents, said], found.range)
    : new vscode.Hover(said, toRange(session.source, place));
}

/** Whose values: those on screen unless others are meant. */
function stateOf(session: Session, state = session.values.shown?.state): string | undefined {
  if (!state) return undefined;
  const { label, rows } = describeState(state);
  return rows === '' ? label : `${label}, ${rows}`;
}

function explainLink(uri: string, node: number): string {
  return `command:${commands.explainGradient}?${encodeURIComponent(JSON.stringify([uri, node]))}`;
}

/** Only our own command may be called from the text, which holds words of the file. */
function trusted(markdown: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString(markdown);
  text.isTrusted = { enabledCommands: [commands.explainGradient] };
  return text;
}
