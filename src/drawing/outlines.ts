import type { BranchOutline, DisplayGraph, DisplayNode } from './displayGraph';

/** The branch not taken that a node belongs to. */
export function outlineAround({ groups }: DisplayGraph, node: DisplayNode): BranchOutline | undefined {
  if (!node.outline) return undefined;
  const byId = new Map(groups.map(group => [group.id, group]));
  for (let group = byId.get(node.group ?? -1); group; group = byId.get(group.parent ?? -1)) {
    if (group.outline) return group.outline;
  }
  return undefined;
}

/** Dashes of the borders of what is drawn in outline, and of the lines that lead there. */
export const outlineDashes = { border: [6, 4], line: [3, 4] };
