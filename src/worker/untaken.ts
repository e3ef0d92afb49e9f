import type { Branch } from '../language/lower/branches';
import type { UntakenBranch } from './protocol';

/** What to say of branches that are not taken, or not in every turn and call that comes to them. */
export function untakenBranches(branches: readonly Branch[]): UntakenBranch[] {
  const places = new Map<string, Branch[]>();
  for (const branch of branches) {
    if (!branch.span) continue;
    const key = `${branch.span.start} ${branch.span.end}`;
    const known = places.get(key);
    if (known) known.push(branch);
    else places.set(key, [branch]);
  }
  return [...places.values()].flatMap(same => {
    const taken = same.filter(branch => branch.taken).length;
    if (taken === same.length) return [];
    const message =
      taken === 0 ? describeUntaken(same[0]!) : `taken ${taken} of ${same.length} times for these values`;
    return [{ span: same[0]!.span!, message }];
  });
}

/** `not taken for these values: w > 1 is false` */
export function describeUntaken({ condition, holds }: Pick<Branch, 'condition' | 'holds'>): string {
  return `not taken for these values: ${condition} is ${holds}`;
}
