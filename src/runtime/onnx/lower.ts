import { emitters } from './emitters';
import { type LoweredModel, Lowering, type LoweringRequest } from './lowering';
import { patterns } from './patterns';
import { acrossTurns } from './turns/turns';
import { uprightLeft } from './wideProducts';

/** The model that computes `outputs`, and the names of its tensors. Throws `UnsupportedByOnnx`. */
export function lowerToOnnx(request: LoweringRequest): LoweredModel {
  const model = new Lowering(request, { patterns, emitters }).finish();
  return { ...model, graph: uprightLeft(acrossTurns(model.graph)) };
}
