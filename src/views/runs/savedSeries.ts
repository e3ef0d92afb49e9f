import type { EpochPoint, RunSeries } from '../protocol';
import { runLabel } from './runName';
import type { RunRecord } from './runRecord';

/** More points than this are thinned evenly; a chart shows no more. */
const mostPoints = 2_000;

/** The curve of a run of the past, from the events in its folder: one JSON object a line. */
export function savedSeries(record: RunRecord, events: string, today: Date): RunSeries {
  const steps: number[] = [];
  const losses: number[] = [];
  const epochs: EpochPoint[] = [];
  for (const line of events.split('\n')) {
    const event = parse(line);
    if (!event || typeof event.step !== 'number') continue;
    const loss = Number(event.loss);
    if (event.event === 'step') {
      steps.push(event.step);
      losses.push(loss);
    } else if (event.event === 'epoch') {
      epochs.push({
        step: event.step,
        epoch: Number(event.epoch),
        loss,
        metrics: numbers(event.metrics),
        ...(event.validationLoss === undefined ? {} : { validationLoss: Number(event.validationLoss) }),
        ...(event.validationMetrics === undefined
          ? {}
          : { validationMetrics: numbers(event.validationMetrics) }),
      });
    }
  }
  const stride = Math.ceil(steps.length / mostPoints);
  const thin = (values: readonly number[]) => values.filter((_, i) => i % stride === 0);
  return {
    runId: record.runId,
    label: runLabel(record.runId, today),
    phase: record.phase === 'running' ? 'stopped' : record.phase,
    ...(record.error === undefined ? {} : { error: record.error }),
    steps: thin(steps),
    losses: thin(losses),
    epochs,
    kept: [], // the engine that kept them is gone
    totalSteps: record.steps,
    learningRate: 0,
    seconds: record.seconds,
  };
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // a last line that was cut off
  }
}

/** NaN and infinities are written as strings. */
function numbers(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, Number(item)]));
}
