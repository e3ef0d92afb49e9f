/** Which family of mistake a `DataError` belongs to; the same words as the diagnostic codes. */
export type DataErrorCode =
  /** The file does not exist or cannot be read. */
  | 'data-file'
  /** The contents do not fit their format. */
  | 'data-format'
  /** A value does not fit where it is used. */
  | 'data-value'
  /** An argument of a data source or a split is not possible. */
  | 'argument-value'
  /** A column that the data does not have. */
  | 'name-unknown';

export interface DataErrorPlace {
  /** The path as resolved. */
  readonly file?: string;
  /** Line of the data file, from 1. */
  readonly line?: number;
  /** Name of the column. */
  readonly column?: string;
}

/**
 * What is wrong with data, in one or two sentences: cause, then remedy. The message is complete in itself (it names
 * file, line and column where it knows them); the fields are for whoever wants to show the place.
 */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly file?: string;
  readonly line?: number;
  readonly column?: string;

  constructor(
    readonly code: DataErrorCode,
    message: string,
    place: DataErrorPlace = {},
  ) {
    super(message);
    Object.assign(this, place);
  }
}
