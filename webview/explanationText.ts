import type { Explanation, TensorSummary } from '../src/drawing/displayGraph';
import { formatTensor } from '../src/drawing/numbers';

/** An explanation as plain text, for the clipboard. */
export function explanationText({ formula, value, gradient, symbol, uses, notes }: Explanation): string {
  const show = (summary: TensorSummary) => formatTensor(summary, 400);
  const lines = [formula, `value: ${show(value)}`];
  if (gradient) lines.push(`${symbol} = ${show(gradient)}`);
  for (const use of uses) {
    const local = use.localValue ? show(use.localValue) : use.local;
    lines.push(
      '',
      `in ${use.consumerName}${use.pattern === undefined ? '' : ` (${use.pattern})`}`,
      `  ${use.local} × ${use.upstream}`,
      `  ${local} × ${show(use.upstreamValue)} = ${show(use.contribution)}`,
    );
  }
  if (notes.length > 0) lines.push('', ...notes);
  return `${lines.join('\n')}\n`;
}
