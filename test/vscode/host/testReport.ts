import fs from 'node:fs';
import path from 'node:path';
import type { TestResult } from './testProtocol';
import { outputVariable, resultVariable } from './testProtocol';

/** The launcher's end of the protocol: two files in a scratch folder. */
export class TestReport {
  private readonly output: string;
  private readonly result: string;

  constructor(scratch: string) {
    this.output = path.join(scratch, 'output.txt');
    this.result = path.join(scratch, 'result.json');
  }

  /** What the extension host must find in its environment. */
  get variables(): NodeJS.ProcessEnv {
    return { [outputVariable]: this.output, [resultVariable]: this.result };
  }

  /** Prints what the tests print, until told to stop. */
  follow(print: (text: string) => void): () => void {
    let position = 0;
    const read = () => {
      if (!fs.existsSync(this.output)) return;
      const content = fs.readFileSync(this.output);
      if (content.length > position) print(content.toString('utf8', position));
      position = content.length;
    };
    const timer = setInterval(read, 100);
    return () => {
      clearInterval(timer);
      read();
    };
  }

  /** The tests' own word. VS Code's exit status is not enough: it is 0 when the extension host dies. */
  read(): TestResult {
    if (!fs.existsSync(this.result)) throw new Error('VS Code ended before the tests did');
    return JSON.parse(fs.readFileSync(this.result, 'utf8')) as TestResult;
  }
}
