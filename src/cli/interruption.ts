import { errand, tellStarter } from './roomyThread';

/** Ctrl-C, heard once: work ends in order; a second one ends the process at once. */
export class Interruption {
  private heard = false;

  private readonly listener = (): void => {
    this.heard = true;
  };

  constructor() {
    // Signals reach the main thread alone.
    if (errand) tellStarter({ kind: 'listens', on: true });
    else process.once('SIGINT', this.listener);
  }

  get requested(): boolean {
    return this.heard || (errand !== undefined && Atomics.load(new Int32Array(errand.interrupted), 0) !== 0);
  }

  dispose(): void {
    if (errand) tellStarter({ kind: 'listens', on: false });
    else process.removeListener('SIGINT', this.listener);
  }
}
