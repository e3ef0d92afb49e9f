/**
 * VS Code carries messages to a webview as JSON, where NaN and infinities become null. They travel as `{ $number: 'NaN' }`.
 * Both directions return the message itself where there is nothing to change.
 */

const names = ['NaN', 'Infinity', '-Infinity'];

export function encodeNonFinite<T>(message: T): T {
  return mapped(message, value =>
    typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value,
  ) as T;
}

export function decodeNonFinite(message: unknown): unknown {
  return mapped(message, value => {
    const name = (value as { readonly $number?: unknown } | null)?.$number;
    return typeof name === 'string' && names.includes(name) ? Number(name) : value;
  });
}

/** A copy in which every part is what `change` makes of it; parts without changes are shared. */
function mapped(value: unknown, change: (value: unknown) => unknown): unknown {
  const changed = change(value);
  if (!Object.is(changed, value) || typeof value !== 'object' || value === null) return changed;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    value.forEach((item, i) => {
      const made = mapped(item, change);
      if (!Object.is(made, item)) (copy ??= [...value])[i] = made;
    });
    return copy ?? value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, item] of Object.entries(value)) {
    const made = mapped(item, change);
    if (!Object.is(made, item)) (copy ??= { ...value })[key] = made;
  }
  return copy ?? value;
}
