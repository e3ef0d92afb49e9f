/** Whatever must be let go of: the shape that VS Code uses, without VS Code. */
export interface Disposable {
  dispose(): void;
}

/** Holds disposables and lets them go together, the last one first. */
export class Disposables implements Disposable {
  private held: Disposable[] = [];
  private gone = false;

  get disposed(): boolean {
    return this.gone;
  }

  /** Returns what it is given; what is added after the end is let go of at once. */
  add<T extends Disposable>(disposable: T): T {
    if (this.gone) disposable.dispose();
    else this.held.push(disposable);
    return disposable;
  }

  dispose(): void {
    this.gone = true;
    const held = this.held.reverse();
    this.held = [];
    for (const disposable of held) disposable.dispose();
  }
}
