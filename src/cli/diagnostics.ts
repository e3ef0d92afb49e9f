import type { Diagnostic } from '../language/diagnostic';
import type { Source } from '../language/source';
import { toJson } from './json';
import type { Style } from './style';

/** More of one file are counted instead of printed. */
const MOST = 100;

/** `file:line:column: severity[code]: message`, a line each, in the order of the text. */
export function printDiagnostics(source: Source, diagnostics: readonly Diagnostic[], style: Style): string {
  const sorted = inOrder(diagnostics);
  const lines = sorted.slice(0, MOST).map(diagnostic => `${diagnosticLine(source, diagnostic, style)}\n`);
  const rest = sorted.length - lines.length;
  if (rest > 0) lines.push(`${source.file}: and ${rest} more\n`);
  return lines.join('');
}

export function diagnosticLine(source: Source, diagnostic: Diagnostic, style: Style): string {
  const { line, column } = source.position(diagnostic.span.start);
  const severity = severityOf(diagnostic);
  const paint = severity === 'error' ? style.red : style.yellow;
  return `${source.file}:${line}:${column}: ${paint(`${severity}[${diagnostic.code}]`)}: ${diagnostic.message}`;
}

/** An object a line. */
export function diagnosticsAsJson(source: Source, diagnostics: readonly Diagnostic[]): string {
  const lines = inOrder(diagnostics).map(diagnostic => {
    const { span, code, message } = diagnostic;
    const [start, end] = [source.position(span.start), source.position(span.end)];
    return toJson({
      file: source.file,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      severity: severityOf(diagnostic),
      code,
      message,
    });
  });
  return lines.map(line => `${line}\n`).join('');
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(diagnostic => diagnostic.severity === 'error');
}

/** The editor's quiet hints are warnings here: a terminal has no margin to put them in. */
function severityOf({ severity }: Diagnostic): 'error' | 'warning' {
  return severity === 'error' ? 'error' : 'warning';
}

function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}
