import type { SignatureParameter } from '../library/signature';
import type { Argument, Formal } from './ast';

export type ArgumentProblem =
  | { readonly kind: 'surplus'; readonly argument: Argument }
  | { readonly kind: 'unknown'; readonly argument: Argument }
  | { readonly kind: 'repeated'; readonly argument: Argument; readonly first: Argument }
  | { readonly kind: 'positional'; readonly argument: Argument }
  | { readonly kind: 'missing'; readonly parameter: SignatureParameter };

export interface BoundArguments {
  /** The parameter of each argument, in the order of the call. */
  readonly parameters: readonly (SignatureParameter | undefined)[];
  readonly problems: readonly ArgumentProblem[];
}

/** Matches the arguments of a call with the parameters of what is called. */
export function bindArguments(
  given: readonly Argument[],
  parameters: readonly SignatureParameter[],
): BoundArguments {
  const problems: ArgumentProblem[] = [];
  const bound: (SignatureParameter | undefined)[] = given.map(() => undefined);
  let position = 0;
  let named = false;
  given.forEach((argument, i) => {
    let parameter: SignatureParameter | undefined;
    let misplaced = false;
    if (argument.name !== undefined) {
      named = true;
      const { name } = argument.name;
      parameter = parameters.find(p => p.name === name && !p.variadic);
      if (parameter === undefined) problems.push({ kind: 'unknown', argument });
    } else {
      parameter = parameters[position];
      misplaced = named;
      if (misplaced) problems.push({ kind: 'positional', argument });
      else if (parameter === undefined) problems.push({ kind: 'surplus', argument });
      if (!parameter?.variadic) position++;
    }
    if (parameter !== undefined && !parameter.variadic && !misplaced) {
      const first = bound.indexOf(parameter);
      if (first >= 0) problems.push({ kind: 'repeated', argument, first: given[first]! });
    }
    bound[i] = parameter;
  });
  // after another mistake in the same call, what is missing is a guess
  if (problems.length === 0) {
    for (const parameter of parameters) {
      const needed = parameter.default === undefined && !parameter.variadic;
      if (needed && !bound.includes(parameter)) problems.push({ kind: 'missing', parameter });
    }
  }
  return { parameters: bound, problems };
}

/** The formals of a definition of the file in the form of the table of built-ins. */
export function parametersOf(
  formals: readonly Formal[],
  text: (formal: Formal) => string = () => '...',
): SignatureParameter[] {
  return formals.map(formal => ({
    name: formal.name.name,
    ...(formal.default !== undefined && { default: text(formal) }),
  }));
}
