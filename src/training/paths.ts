import type { PathCondition } from '../language/lower/conditions';
import type { Model } from '../language/model';
import type { Evaluation } from './evaluation';

/** Turns of a `while` at most, as lowering has it; no path is assumed to be longer. */
const LONGEST = 10_000;

/** Models lowered for one search; a path that has not settled by then does not. */
const MOST_TRIES = 1_000;

/**
 * The outcomes to lower along when some condition turned out otherwise; undefined when all are as assumed. What comes
 * after the first that differs is unknown, but for a loop that goes on: it is assumed to make as many turns again, so
 * that a loop of n turns takes log n attempts.
 */
export function correctedPath(
  conditions: readonly PathCondition[],
  actual: readonly boolean[],
): readonly boolean[] | undefined {
  const at = conditions.findIndex(({ holds }, i) => holds !== actual[i]);
  if (at < 0) return undefined;
  const path = actual.slice(0, at + 1);
  if (conditions[at]!.kind === 'while' && actual[at]) {
    path.push(...new Array<boolean>(Math.max(0, Math.min(path.length, LONGEST - path.length))).fill(true));
  }
  return path;
}

/**
 * The model along the path that its own values take, with its evaluation. Stops early at a path whose lowering has
 * errors, such as a loop that does not end. Throws what evaluating throws.
 */
export function followPath(
  model: Model,
  evaluationOf: (model: Model) => Evaluation,
): { readonly model: Model; readonly evaluation: Evaluation } {
  let found = model;
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const evaluation = evaluationOf(found);
    if (found.conditions.length === 0) return { model: found, evaluation };
    const path = correctedPath(found.conditions, evaluation.outcomes(found.conditions));
    if (!path) return { model: found, evaluation };
    found = found.along(path);
    if (found.diagnostics.some(({ severity }) => severity === 'error')) break;
  }
  return { model: found, evaluation: evaluationOf(found) };
}
