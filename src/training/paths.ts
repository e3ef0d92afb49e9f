import { RunError } from '../graph/evaluate';
import type { PathCondition } from '../language/lower/conditions';
import type { Model } from '../language/model';
import type { Evaluation } from './evaluation';

/** Turns of a `while` at most, as lowering has it; no path is assumed to be longer. */
const LONGEST = 10_000;

/** Models lowered for one search; a path that has not settled by then does not. */
const MOST_TRIES = 1_000;

/**
 * The outcomes to lower along when some condition turned out otherwise; undefined when all are as assumed. What comes
 * after the first that differs is unknown, but for a loop that goes on: it is assumed to make as many turns again, like
 * those it has made, so that a loop of n turns takes log n attempts.
 */
export function correctedPath(
  conditions: readonly PathCondition[],
  actual: readonly boolean[],
): readonly boolean[] | undefined {
  const at = conditions.findIndex(({ holds }, i) => holds !== actual[i]);
  if (at < 0) return undefined;
  const path = actual.slice(0, at + 1);
  const { kind, place } = conditions[at]!;
  if (kind === 'if' || !actual[at]) return path;
  const first = conditions.findIndex(condition => condition.place === place);
  const made = first < at ? path.slice(first + 1) : [true];
  const isTurn = (i: number): boolean => first === at || conditions[first + 1 + i]!.place === place;
  let turns = path.filter((holds, i) => holds && conditions[i]!.place === place).length;
  for (const [i, holds] of made.entries()) {
    if (isTurn(i) && ++turns > LONGEST) break;
    path.push(holds);
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
    if (found.diagnostics.some(({ severity }) => severity === 'error')) {
      return { model: found, evaluation: evaluationOf(found) };
    }
  }
  throw unsettled(found);
}

/** What is said when no path is found on which all conditions come out as assumed. */
export function unsettled({ conditions }: Model): RunError {
  return new RunError(
    conditions.at(-1)!.node,
    `the way through the conditions is not found in ${MOST_TRIES} attempts`,
  );
}
