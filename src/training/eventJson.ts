import type { RunEvent } from './run';

/** An event as it stands in `events.jsonl` and in the terminal's JSON, before it is made text. */
export function eventJson(event: RunEvent): Readonly<Record<string, unknown>> {
  const { kind, step, epoch, loss, metrics } = event;
  if (kind === 'step') return { event: kind, step, epoch, loss, metrics };
  const { validationLoss, validationMetrics, learningRate } = event;
  return {
    event: kind,
    epoch,
    step,
    loss,
    val_loss: validationLoss,
    metrics,
    val_metrics: validationMetrics,
    lr: learningRate,
  };
}

/** JSON has no NaN and no infinities; they are written as strings. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item),
    indent,
  );
}
