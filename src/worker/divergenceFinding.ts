import type { Diagnostic } from '../language/diagnostic';
import type { Model } from '../language/model';
import type { Source } from '../language/source';
import type { Divergence } from '../training/divergence';
import { NodeNames } from './nodeNames';

/** At which step training met NaN or infinity, and which node had it first. */
export function divergenceFinding(divergence: Divergence, model: Model, source: Source): Diagnostic {
  const { node, step, inGradient } = divergence;
  const span = node?.provenance.span ?? model.objective?.node.provenance.span ?? { start: 0, end: 0 };
  const name = node ? new NodeNames(model, source.text).of(node) : 'the loss';
  const where = `${name} on line ${source.line(span.start)}`;
  const first = inGradient ? `the gradient of ${where} at step ${step - 1}` : where;
  return {
    code: 'train-diverged',
    severity: 'error',
    span,
    message:
      `training met NaN or infinity at step ${step}, first in ${first}; the parameters are those of the last finite ` +
      'loss. Try a smaller learning rate, or clip_norm',
  };
}
