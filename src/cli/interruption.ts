/** Ctrl-C, heard once: work ends in order; a second one ends the process at once. */
export class Interruption {
  requested = false;

  private readonly listener = (): void => {
    this.requested = true;
  };

  constructor() {
    process.once('SIGINT', this.listener);
  }

  dispose(): void {
    process.removeListener('SIGINT', this.listener);
  }
}
