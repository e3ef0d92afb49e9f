import * as vscode from 'vscode';
import type { Diagnostic, DiagnosticCode, Severity } from '../language/diagnostic';
import type { Source, Span } from '../language/source';

/** From offsets of a session's text to what VS Code wants. Its own `positionAt` could speak of a newer text. */

export function toPosition(source: Source, offset: number): vscode.Position {
  const { line, column } = source.position(offset);
  return new vscode.Position(line - 1, column - 1);
}

export function toRange(source: Source, span: Span): vscode.Range {
  return new vscode.Range(toPosition(source, span.start), toPosition(source, span.end));
}

export function toOffset(source: Source, position: vscode.Position): number {
  return Math.min(source.lineStart(position.line + 1) + position.character, source.text.length);
}

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** Warnings of the terminal that an editor says more softly, since a model is half written most of the time. */
const softened: Partial<Record<DiagnosticCode, vscode.DiagnosticSeverity>> = {
  'name-unused': vscode.DiagnosticSeverity.Hint,
  'param-unreached': vscode.DiagnosticSeverity.Information,
};

export function toDiagnostic(source: Source, uri: vscode.Uri, from: Diagnostic): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    toRange(source, from.span),
    from.message,
    softened[from.code] ?? severities[from.severity],
  );
  diagnostic.source = 'nabla';
  diagnostic.code = from.code;
  if (from.code === 'name-unused') diagnostic.tags = [vscode.DiagnosticTag.Unnecessary];
  diagnostic.relatedInformation = (from.related ?? []).map(
    ({ span, message }) =>
      new vscode.DiagnosticRelatedInformation(new vscode.Location(uri, toRange(source, span)), message),
  );
  return diagnostic;
}

/** Cancels with VS Code's token. */
export function toSignal(token: vscode.CancellationToken): AbortSignal {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  else token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}
