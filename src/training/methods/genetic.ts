import type { RandomStream } from '../../base/random';
import { requireSameTensors } from '../checkpoint';
import type { Evaluation, Moment, StepMethod, StoredState } from '../stepMethod';
import type { Workbench } from '../workbench';
import { Candidates } from './candidates';

/**
 * A genetic algorithm (J. Holland, 1975): the better half of a population lives on, and the rest is replaced by children
 * that take each number from one of two parents and are mutated by N(0, mutation^2). The best member is the model.
 */
export class Genetic implements StepMethod {
  private readonly candidates: Candidates;
  private readonly size: number;
  private readonly mutation: number;
  /** The best first; empty before the first step. */
  private population: readonly Float64Array[] = [];

  constructor(bench: Workbench, rows: number) {
    const { settings } = bench.training.optimizer;
    this.size = Number(settings.population);
    this.mutation = Number(settings.mutation);
    this.candidates = new Candidates(bench, rows);
  }

  step(rows: Int32Array, { step }: Moment): Evaluation {
    const measures = this.candidates.present(rows);
    if (!Number.isFinite(measures.loss)) return measures;
    const random = this.candidates.random(step);
    const present = this.candidates.at.read();
    const parents =
      this.population.length === 0 ? [present] : this.population.slice(0, Math.ceil(this.size / 2));
    const members = [...parents];
    while (members.length < this.size) members.push(this.child(parents, random));
    const ranked = members
      .map(point => ({ point, loss: this.candidates.loss(rows, point) }))
      .sort((a, b) => (a.loss === b.loss ? 0 : a.loss - b.loss));
    this.population = ranked.map(({ point }) => point);
    this.candidates.at.write(this.population[0]!);
    return measures;
  }

  state(): StoredState {
    const { length } = this.candidates.at;
    const data = new Float64Array(this.population.length * length);
    this.population.forEach((member, i) => {
      data.set(member, i * length);
    });
    return new Map([['population', { shape: [this.population.length, length], data }]]);
  }

  restore(state: StoredState): void {
    const { length } = this.candidates.at;
    const members = state.get('population')?.shape[0] === 0 ? 0 : this.size;
    requireSameTensors('the optimiser', [{ name: 'population', shape: [members, length] }], state);
    const { data } = state.get('population')!;
    this.population = Array.from({ length: members }, (_, i) => data.slice(i * length, (i + 1) * length));
  }

  private child(parents: readonly Float64Array[], random: RandomStream): Float64Array {
    const mother = parents[random.int(parents.length)]!;
    const father = parents[random.int(parents.length)]!;
    return mother.map((x, i) => (random.uniform() < 0.5 ? x : father[i]!) + this.mutation * random.normal());
  }
}
