import type { Signature } from '../../../src/library/signature';

/** As the reference writes it: names and defaults, without the kinds of arguments. */
export function written({ name, parameters }: Signature): string {
  const inside = parameters.map(parameter => {
    const { variadic, default: standard } = parameter;
    return `${variadic ? '...' : ''}${parameter.name}${standard === undefined ? '' : ` = ${standard}`}`;
  });
  return `${name}(${inside.join(', ')})`;
}
