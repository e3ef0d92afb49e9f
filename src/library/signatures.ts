import type { Signature } from './signature';
import { dataSourceSignatures, preprocessingSignatures } from './signatures/data';
import { elementwiseSignatures, reductionSignatures } from './signatures/elementwise';
import {
  classicalSignatures,
  layerSignatures,
  lossSignatures,
  metricSignatures,
  neuralSignatures,
  penaltySignatures,
} from './signatures/neural';
import { gradientSignatures, linearAlgebraSignatures, shapeSignatures } from './signatures/tensors';
import {
  initializerSignatures,
  optimizerSignatures,
  scheduleSignatures,
  searchSignatures,
} from './signatures/training';

/**
 * Where a call stands decides which table its name is looked up in: `zeros([2, 3])` is a tensor in an
 * expression, and `zeros()` after `~` an initializer.
 */
export type SignatureContext =
  | 'expression'
  | 'initializer'
  | 'data source'
  | 'optimizer'
  | 'schedule'
  | 'search';

const tables: Readonly<Record<SignatureContext, readonly Signature[]>> = {
  expression: [
    ...elementwiseSignatures,
    ...reductionSignatures,
    ...shapeSignatures,
    ...linearAlgebraSignatures,
    ...gradientSignatures,
    ...neuralSignatures,
    ...layerSignatures,
    ...lossSignatures,
    ...penaltySignatures,
    ...metricSignatures,
    ...classicalSignatures,
    ...preprocessingSignatures,
  ],
  initializer: initializerSignatures,
  'data source': dataSourceSignatures,
  optimizer: optimizerSignatures,
  schedule: scheduleSignatures,
  search: searchSignatures,
};

const contexts = Object.keys(tables) as SignatureContext[];

const lookup = new Map(contexts.map(context => [context, new Map(tables[context].map(s => [s.name, s]))]));

/** The built-in of a name, as it is read in a place; in an expression when the place is not named. */
export function signature(name: string, context: SignatureContext = 'expression'): Signature | undefined {
  return lookup.get(context)?.get(name);
}

/** Every built-in that may be called in a place. */
export function signatures(context: SignatureContext = 'expression'): readonly Signature[] {
  return tables[context];
}

/** The places where a name means something, expressions first: what to say about a name that stands in a wrong one. */
export function contextsOf(name: string): readonly SignatureContext[] {
  return contexts.filter(context => lookup.get(context)!.has(name));
}

/** Functions that take their one tensor and nothing else is needed: what `act =` may name. */
export function isActivation(entry: Signature): boolean {
  const groups = ['elementwise', 'neural'];
  return groups.includes(entry.group) && entry.parameters.filter(p => p.default === undefined).length === 1;
}
