import type { TensorSummary } from '../drawing/displayGraph';
import { formatNumber } from '../drawing/numbers';

/** A tensor in one number: itself, or the norm of a larger one. */
export function brief(tensor: TensorSummary): string {
  const [only] = tensor.elements ?? [];
  return tensor.elements?.length === 1 ? formatNumber(only!) : `‖${formatNumber(tensor.norm)}‖`;
}
