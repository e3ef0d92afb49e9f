import type { StoredTensor } from '../interop/safetensors';
import type { StoredState } from './stepMethod';

/** Watches the validation loss and keeps the parameters of its best epoch. */
export class EarlyStop {
  private loss = Number.POSITIVE_INFINITY;
  private epochsAgo = 0;
  private parameters: StoredState = new Map();

  constructor(private readonly patience: number) {}

  /** Whether so many epochs have passed without a better loss. */
  get reached(): boolean {
    return this.epochsAgo >= this.patience;
  }

  get best(): { readonly loss: number; readonly epochsAgo: number } {
    return { loss: this.loss, epochsAgo: this.epochsAgo };
  }

  /** Empty as long as no epoch had a finite loss. */
  get bestParameters(): StoredState {
    return this.parameters;
  }

  epoch(loss: number, parameters: () => ReadonlyMap<string, StoredTensor>): void {
    if (loss < this.loss) {
      this.loss = loss;
      this.epochsAgo = 0;
      this.parameters = parameters();
    } else {
      this.epochsAgo++;
    }
  }

  restore(best: { readonly loss: number; readonly epochsAgo: number }, parameters: StoredState): void {
    this.loss = best.loss;
    this.epochsAgo = best.epochsAgo;
    this.parameters = parameters;
  }
}
