import { formatNumber, formatSeconds } from '../../drawing/numbers';
import type { RunRecord } from './runRecord';

/** `loss 0.0512 · accuracy 0.97 · 1.2 s`: a run on one line. */
export function describeRun(run: RunRecord): string {
  const parts: string[] = [];
  if (run.loss !== undefined) parts.push(`loss ${formatNumber(run.loss)}`);
  for (const [name, value] of Object.entries(run.metrics)) parts.push(`${name} ${formatNumber(value)}`);
  parts.push(formatSeconds(run.seconds));
  return parts.join(' · ');
}

/** The run as a small text with a line for each fact, so that an editor's diff of two of them reads well. */
export function summarizeRun(run: RunRecord, model: string | undefined): string {
  const facts: (readonly [string, string | undefined])[] = [
    ['model', run.model],
    ['run', run.runId],
    ['started', run.started],
    ['outcome', run.error === undefined ? run.phase : `${run.phase}: ${run.error}`],
    ['seed', run.seed?.toString()],
    ['steps', String(run.steps)],
    ['loss', show(run.loss)],
    ['validation loss', show(run.validationLoss)],
    ...Object.entries(run.metrics).map(([name, value]) => [name, show(value)] as const),
    ['time', formatSeconds(run.seconds)],
    ['executor', describeExecutor(run)],
    ['Nabla', run.nabla],
  ];
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(width)}${value}`],
  );
  const text = model === undefined ? [] : ['', '---', '', ...model.trimEnd().split(/\r\n|\r|\n/)];
  return `${[...lines, ...text].join('\n')}\n`;
}

/** `js: onnxruntime-node is not installed`. */
function describeExecutor({ executor, executorReason }: RunRecord): string | undefined {
  return executor === undefined || executorReason === undefined ? executor : `${executor}: ${executorReason}`;
}

/** All digits: two runs are compared by them. */
function show(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
