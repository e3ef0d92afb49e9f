import { emitters } from './emitters';
import { type LoweredModel, Lowering, type LoweringRequest } from './lowering';
import { patterns } from './patterns';

/** The model that computes `outputs`, and the names of its tensors. Throws `UnsupportedByOnnx`. */
export function lowerToOnnx(request: LoweringRequest): LoweredModel {
  return new Lowering(request, { patterns, emitters }).finish();
}
