import fs from 'node:fs';
import path from 'node:path';
import type { Explanation, GraphValues } from '../../../src/drawing/displayGraph';
import type { Snapshot, ToWebview } from '../../../src/views/protocol';

/** What `record.ts` has written. */
export interface Recorded {
  readonly snapshot: Snapshot;
  /** Of the node that is selected in the tests. */
  readonly explanation: Explanation;
}

export interface RecordedRun extends Recorded {
  /** Values after the run, and what the run's second half sent. */
  readonly trained: GraphValues;
  readonly progress: Extract<ToWebview, { kind: 'progress' }>;
}

/** The sigmoid neuron of the course, with the values and gradients of its lecture. */
export const sigmoid = read<Recorded>('sigmoid');
/** A two-layer perceptron on the irises: a finished run, and one half of which is sent and half still to come. */
export const iris = read<RecordedRun>('iris');

/** The node of a name. */
export function idOf({ snapshot }: Recorded, name: string): number {
  return snapshot.graph!.nodes.find(node => node.name === name)!.id;
}

export function message(recorded: Recorded, more: Partial<Snapshot> = {}): ToWebview {
  return { kind: 'snapshot', snapshot: { ...recorded.snapshot, ...more } };
}

function read<T>(name: string): T {
  return JSON.parse(fs.readFileSync(path.join(__dirname, `${name}.json`), 'utf8')) as T;
}
