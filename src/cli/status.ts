/** What the process tells its caller. */
export const exitStatus = {
  success: 0,
  /** The model or its data is wrong, or a check failed. */
  wrong: 1,
  /** The command was called in a way that it does not understand. */
  usage: 2,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** The command line is wrong: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something named on the command line does not exist or does not fit: exit status 1, and no place in the model. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Calls of the model may not fit the stack of the main thread: nothing is printed yet, and another thread takes over. */
export class NeedsRoom extends Error {
  override readonly name = 'NeedsRoom';
}
