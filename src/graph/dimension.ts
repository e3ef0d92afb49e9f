/**
 * The algebra of axis sizes. A dimension is a polynomial with whole coefficients over atoms; an atom is a named
 * symbol (`N`) or an opaque floor quotient (`(H - 3) // 2`). Polynomials are kept in a canonical form, so that
 * two dimensions are equal for every value of the symbols exactly when their keys are equal.
 */
export interface Dim {
  /** Monomials in the order of their keys; none for zero. */
  readonly terms: readonly Term[];
  /** Canonical text, such as `2*N + 1`; equal keys mean equal dimensions. */
  readonly key: string;
}

interface Term {
  readonly coefficient: number;
  /** Sorted by key; empty for the constant term. */
  readonly factors: readonly Atom[];
}

type Atom =
  | { readonly kind: 'symbol'; readonly key: string }
  | { readonly kind: 'quotient'; readonly key: string; readonly numerator: Dim; readonly denominator: Dim };

export function constantDim(value: number): Dim {
  return recurring(constants, value, () => fromTerms([{ coefficient: value, factors: [] }]));
}

export function symbolDim(name: string): Dim {
  return recurring(symbols, name, () =>
    fromTerms([{ coefficient: 1, factors: [{ kind: 'symbol', key: name }] }]),
  );
}

/** Sizes recur, and most are a number or a symbol. One object for each makes equal shapes quick to tell. */
const constants = new Map<number, Dim>();
const symbols = new Map<string, Dim>();
const KEPT = 4096;

function recurring<Key>(known: Map<Key, Dim>, key: Key, make: () => Dim): Dim {
  let dim = known.get(key);
  if (!dim) {
    dim = make();
    if (known.size < KEPT) known.set(key, dim);
  }
  return dim;
}

/** The value of a dimension without symbols, else undefined. */
export function constantValue(dim: Dim): number | undefined {
  if (dim.terms.length === 0) return 0;
  const [term] = dim.terms;
  return dim.terms.length === 1 && term!.factors.length === 0 ? term!.coefficient : undefined;
}

export function isOne(dim: Dim): boolean {
  return constantValue(dim) === 1;
}

export function addDims(a: Dim, b: Dim): Dim {
  return fromTerms([...a.terms, ...b.terms]);
}

export function negateDim(a: Dim): Dim {
  return fromTerms(a.terms.map(t => ({ coefficient: -t.coefficient, factors: t.factors })));
}

export function subtractDims(a: Dim, b: Dim): Dim {
  return addDims(a, negateDim(b));
}

export function multiplyDims(a: Dim, b: Dim): Dim {
  if (isOne(a)) return b;
  if (isOne(b)) return a;
  const [left, right] = [constantValue(a), constantValue(b)];
  if (left !== undefined && right !== undefined) return constantDim(left * right);
  return fromTerms(
    a.terms.flatMap(s =>
      b.terms.map(t => ({
        coefficient: s.coefficient * t.coefficient,
        factors: [...s.factors, ...t.factors].sort(byKey),
      })),
    ),
  );
}

/** Floor division; `exactQuotient` is tried first so that `(2*N)//2` is `N`. Division by zero gives undefined. */
export function floorDivideDims(a: Dim, b: Dim): Dim | undefined {
  const divisor = constantValue(b);
  if (divisor === 0) return undefined;
  const value = constantValue(a);
  if (value !== undefined && divisor !== undefined) return constantDim(Math.floor(value / divisor));
  const exact = exactQuotient(a, b);
  if (exact) return exact;
  const key = `${parenthesised(a)}//${parenthesised(b)}`;
  return fromTerms([{ coefficient: 1, factors: [{ kind: 'quotient', key, numerator: a, denominator: b }] }]);
}

/** `a / b` when it divides without remainder for all values of the symbols, else undefined. */
export function exactQuotient(a: Dim, b: Dim): Dim | undefined {
  if (b.terms.length !== 1) return a.key === b.key ? constantDim(1) : undefined;
  const { coefficient, factors } = b.terms[0]!;
  const terms: Term[] = [];
  for (const term of a.terms) {
    if (term.coefficient % coefficient !== 0) return undefined;
    const rest = [...term.factors];
    for (const factor of factors) {
      const at = rest.findIndex(f => f.key === factor.key);
      if (at < 0) return undefined;
      rest.splice(at, 1);
    }
    terms.push({ coefficient: term.coefficient / coefficient, factors: rest });
  }
  return fromTerms(terms);
}

export function equalDims(a: Dim, b: Dim): boolean {
  return a === b || a.key === b.key;
}

/**
 * Whether two dimensions can be equal for some sizes: `equal` always, `different` never, `open` only known when
 * the sizes are. A symbol is never taken to be a particular number, so `N` against `4` is open.
 */
export function compareDims(a: Dim, b: Dim): 'equal' | 'different' | 'open' {
  if (equalDims(a, b)) return 'equal';
  const difference = constantValue(subtractDims(a, b));
  return difference === undefined ? 'open' : 'different';
}

/** The size for given symbols; undefined when a symbol is missing. */
export function evaluateDim(dim: Dim, sizes: Readonly<Record<string, number>>): number | undefined {
  let sum = 0;
  for (const term of dim.terms) {
    let product = term.coefficient;
    for (const factor of term.factors) {
      const value = evaluateAtom(factor, sizes);
      if (value === undefined) return undefined;
      product *= value;
    }
    sum += product;
  }
  return sum;
}

/** Replaces symbols that have become known. */
export function substituteDim(dim: Dim, sizes: Readonly<Record<string, number>>): Dim {
  if (constantValue(dim) !== undefined) return dim;
  let sum = constantDim(0);
  for (const term of dim.terms) {
    let product = constantDim(term.coefficient);
    for (const factor of term.factors) product = multiplyDims(product, substituteAtom(factor, sizes));
    sum = addDims(sum, product);
  }
  return sum;
}

/** The size from 0 of a symbol for which a dimension that is linear in it has a value; undefined when there is none. */
export function solveDim(dim: Dim, symbol: string, value: number): number | undefined {
  const rest = constantValue(substituteDim(dim, { [symbol]: 0 })) ?? 0;
  const slope = (constantValue(substituteDim(dim, { [symbol]: 1 })) ?? 0) - rest;
  const size = (value - rest) / slope;
  const fits = Number.isSafeInteger(size) && size >= 0 && evaluateDim(dim, { [symbol]: size }) === value;
  return fits ? size : undefined;
}

/** Names of the symbols that occur anywhere in a dimension. */
export function symbolsOf(dim: Dim): Set<string> {
  const names = new Set<string>();
  const visit = (d: Dim): void => {
    for (const term of d.terms) {
      for (const factor of term.factors) {
        if (factor.kind === 'symbol') names.add(factor.key);
        else {
          visit(factor.numerator);
          visit(factor.denominator);
        }
      }
    }
  };
  visit(dim);
  return names;
}

export function printDim(dim: Dim): string {
  return dim.key;
}

function evaluateAtom(atom: Atom, sizes: Readonly<Record<string, number>>): number | undefined {
  if (atom.kind === 'symbol') return Object.hasOwn(sizes, atom.key) ? sizes[atom.key] : undefined;
  const numerator = evaluateDim(atom.numerator, sizes);
  const denominator = evaluateDim(atom.denominator, sizes);
  if (numerator === undefined || !denominator) return undefined;
  return Math.floor(numerator / denominator);
}

function substituteAtom(atom: Atom, sizes: Readonly<Record<string, number>>): Dim {
  if (atom.kind === 'symbol') {
    return Object.hasOwn(sizes, atom.key) ? constantDim(sizes[atom.key]!) : symbolDim(atom.key);
  }
  const numerator = substituteDim(atom.numerator, sizes);
  const denominator = substituteDim(atom.denominator, sizes);
  return floorDivideDims(numerator, denominator) ?? constantDim(0);
}

function byKey(a: Atom, b: Atom): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function monomialKey(factors: readonly Atom[]): string {
  return factors.map(f => (f.kind === 'quotient' ? `(${f.key})` : f.key)).join('*');
}

function fromTerms(terms: readonly Term[]): Dim {
  const byMonomial = new Map<string, Term>();
  for (const term of terms) {
    const key = monomialKey(term.factors);
    const before = byMonomial.get(key)?.coefficient ?? 0;
    byMonomial.set(key, { coefficient: before + term.coefficient, factors: term.factors });
  }
  const kept = [...byMonomial].filter(([, term]) => term.coefficient !== 0);
  // Symbols in alphabetical order, the constant last, as people write them.
  kept.sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  return { terms: kept.map(([, term]) => term), key: printTerms(kept) };
}

function printTerms(terms: readonly (readonly [string, Term])[]): string {
  if (terms.length === 0) return '0';
  let text = '';
  for (const [key, { coefficient }] of terms) {
    const size = Math.abs(coefficient);
    const body = key === '' ? String(size) : size === 1 ? key : `${size}*${key}`;
    if (text === '') text = coefficient < 0 ? `-${body}` : body;
    else text += coefficient < 0 ? ` - ${body}` : ` + ${body}`;
  }
  return text;
}

function parenthesised(dim: Dim): string {
  const [term] = dim.terms;
  const simple = dim.terms.length <= 1 && (term?.factors.length ?? 0) <= (term?.coefficient === 1 ? 1 : 0);
  return simple ? dim.key : `(${dim.key})`;
}
