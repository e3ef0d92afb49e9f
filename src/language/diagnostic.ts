import type { Span } from './source';

export type Severity = 'error' | 'warning' | 'hint';

/** A replacement of text that mends what a diagnostic complains about. */
export interface Fix {
  readonly title: string;
  readonly span: Span;
  readonly text: string;
}

/** One finding about a model file. Codes are listed in `docs/language.md`. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly span: Span;
  /** Cause and remedy in one or two sentences, without the file and line. */
  readonly message: string;
  readonly related?: readonly { readonly span: Span; readonly message: string }[];
  readonly fixes?: readonly Fix[];
}

/** Every code, once. A code never changes its meaning; a new finding gets a new code. */
export const diagnosticCodes = {
  // text and syntax
  'text-encoding': 'The file is not UTF-8 text.',
  'text-character': 'A character that the language does not know.',
  'text-limit': 'A line, nesting or number beyond the limits of the language.',
  syntax: 'The statement does not follow the grammar.',
  'syntax-line-start': 'A line starts with an operator; it belongs at the end of the line above.',
  'syntax-python': 'A habit from Python that has another form here.',
  unsupported: 'A part of the language that this version does not run.',
  // names and kinds
  'name-unknown': 'A name, function or column that is not defined.',
  'name-duplicate': 'A second definition of one name.',
  'name-unused': 'A name that is bound and never used.',
  'name-reserved': 'A name that has a meaning of its own.',
  argument: 'A missing, surplus, repeated or misplaced argument.',
  'argument-value': 'An argument whose value is not possible.',
  'key-unknown': 'A key that the block does not have.',
  'key-duplicate': 'A key given twice.',
  'key-conflict': 'Keys that contradict each other.',
  // shapes and types
  'shape-mismatch': 'Two sizes that must agree do not.',
  'shape-broadcast': 'A broadcast that is legal and seldom meant.',
  'shape-unknown': 'A shape that must be known here and is not.',
  rank: 'A tensor has too many or too few axes, or an axis is out of range.',
  index: 'An index outside its axis.',
  dtype: 'A float, int or bool where another is needed.',
  'loss-not-scalar': 'The objective is not a scalar float.',
  'gradient-unreached': 'A gradient that is zero because nothing depends on the name.',
  'param-unreached': 'A parameter that the loss does not depend on.',
  memory: 'The model needs more memory, or more operations for one value, than the limit.',
  // data
  'data-file': 'A data file that does not exist or cannot be read.',
  'data-format': 'A data file whose contents do not fit its format.',
  'data-missing': 'Empty cells, read as NaN.',
  'data-untrusted': 'Data is not read until the workspace is trusted.',
  'data-value': 'A value that does not fit where it is used.',
  // running
  'check-failed': 'A check whose two sides differ.',
  'run-error': 'An operation failed while running.',
  'train-diverged': 'Training met NaN or infinity.',
  'train-config': 'A training key whose value does not fit the model or its data.',
} as const;

export type DiagnosticCode = keyof typeof diagnosticCodes;

/** Thrown inside checking and lowering to give up on one statement; caught at the statement. */
export class ModelError extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.name = 'ModelError';
  }
}

export function modelError(
  code: DiagnosticCode,
  span: Span,
  message: string,
  more: Partial<Pick<Diagnostic, 'related' | 'fixes'>> = {},
): ModelError {
  return new ModelError({ code, severity: 'error', span, message, ...more });
}
