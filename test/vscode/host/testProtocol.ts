/** How tests inside VS Code report to the process that launched it: through files named by variables. */
export const outputVariable = 'NABLA_TEST_OUTPUT';
export const resultVariable = 'NABLA_TEST_RESULT';

/** Written when all tests have run. */
export interface TestResult {
  readonly passes: number;
  readonly failures: number;
}

/** What to test, and where. */
export interface ExtensionTests {
  /** The folder of the extension under test. */
  readonly extension: string;
  /** The module whose `run()` tests it. */
  readonly module: string;
  /** The folder that is open meanwhile. */
  readonly folder: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** Receives what the tests print. */
  readonly print: (text: string) => void;
}
