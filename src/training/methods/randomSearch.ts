import { requireSameTensors } from '../checkpoint';
import type { Evaluation, Moment, StepMethod, StoredState } from '../stepMethod';
import type { Workbench } from '../workbench';
import { Candidates } from './candidates';

/**
 * Random search: tries `samples` parameters drawn from N(0, scale^2). Random local search: one, drawn around the present
 * ones. Either keeps the best, the present ones among them. (Stanford CS231n, "Optimization", strategies 1 and 2.)
 */
export class RandomSearch implements StepMethod {
  private readonly candidates: Candidates;
  private readonly samples: number;
  private readonly scale: number;
  private readonly local: boolean;

  constructor(bench: Workbench, rows: number) {
    const { name, settings } = bench.training.optimizer;
    this.local = name === 'local_search';
    this.samples = this.local ? 1 : Number(settings.samples);
    this.scale = Number(settings.scale);
    this.candidates = new Candidates(bench, rows);
  }

  step(rows: Int32Array, { step }: Moment): Evaluation {
    const measures = this.candidates.present(rows);
    if (!Number.isFinite(measures.loss)) return measures;
    const random = this.candidates.random(step);
    const present = this.candidates.at.read();
    let best = { point: present, loss: measures.loss };
    for (let i = 0; i < this.samples; i++) {
      const point = present.map(x => (this.local ? x : 0) + this.scale * random.normal());
      const loss = this.candidates.loss(rows, point);
      if (loss < best.loss) best = { point, loss };
    }
    this.candidates.at.write(best.point);
    return measures;
  }

  state(): StoredState {
    return new Map();
  }

  restore(state: StoredState): void {
    requireSameTensors('the optimiser', [], state);
  }
}
