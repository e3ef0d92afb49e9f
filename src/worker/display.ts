import type { Adjoints } from '../autodiff/reverse';
import type {
  BranchOutline,
  DisplayEdge,
  DisplayGraph,
  DisplayGroup,
  DisplayNode,
  DisplayRole,
  EdgeContribution,
} from '../drawing/displayGraph';
import { ancestors } from '../graph/graph';
import type { Group, Node } from '../graph/node';
import { printShape } from '../graph/shape';
import type { Branch, Outline } from '../language/lower/branches';
import type { Model } from '../language/model';
import type { Source } from '../language/source';
import { type NodeNames, signOf } from './nodeNames';
import { describeUntaken } from './untaken';

/** The picture of a model: what its names and its objective are made of, without what only checks and feeds need. */
export interface Picture {
  readonly graph: DisplayGraph;
  /** Nodes drawn that have values, by id. */
  readonly nodes: ReadonlyMap<number, Node>;
  /** For each edge, the operand of the engine's graph whose gradient flows along it. */
  readonly edges: readonly PictureEdge[];
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface PictureEdge {
  readonly id: string;
  readonly input: Node;
  readonly consumer: Node;
  readonly operand: number;
}

export function drawModel(
  model: Model,
  source: Source,
  names: NodeNames,
  objective: Node | undefined,
): Picture {
  const outlines = new Outlines(model.branches);
  const roots = [...model.names.map(named => named.node), ...(objective ? [objective] : [])];
  const all = ancestors([...roots, ...outlines.roots]);
  const drawn = all.filter(node => plain(node) === node);
  const groups = new GroupBoxes(drawn, model, outlines);
  const spans = new Map(model.names.map(named => [named.node, named.span]));
  const nodes = drawn.map((node): DisplayNode => {
    const { id, op, dtype, shape } = node;
    const sign = op === 'constant' ? names.of(node) : signOf(node);
    // There are thousands, at every edit: what may be absent is set, as spreading it takes longer than all else.
    const shown: Writable<DisplayNode> = {
      id,
      role: roleOf(node),
      op: sign,
      shape: printShape(shape),
      dtype,
    };
    const name = names.boundName(node);
    if (name !== undefined) shown.name = name;
    const span = spans.get(node) ?? node.provenance.span;
    if (span) {
      shown.span = span;
      shown.line = source.line(span.start);
    }
    const group = groups.of(node);
    if (group !== undefined) shown.group = group;
    if (outlines.holds(node)) shown.outline = true;
    return shown;
  });
  const edges: PictureEdge[] = [];
  const displayEdges: DisplayEdge[] = [];
  for (const consumer of drawn) {
    consumer.inputs.forEach((input, operand) => {
      const from = plain(input);
      const id = `${from.id}>${consumer.id}.${operand}`;
      edges.push({ id, input, consumer, operand });
      displayEdges.push({ id, from: from.id, to: consumer.id, operand });
    });
  }
  return {
    graph: {
      nodes,
      edges: displayEdges,
      groups: groups.boxes(source),
      ...(objective ? { objective: objective.id } : {}),
    },
    nodes: new Map(drawn.filter(node => !outlines.holds(node)).map(node => [node.id, node])),
    edges,
  };
}

/** Whether a node is drawn in outline, as part of a branch that is not taken. */
export function isOutlined({ branches }: Model, node: Node): boolean {
  return new Outlines(branches).holds(node);
}

/** The branches that are not taken. */
class Outlines {
  private readonly byGroup = new Map<Group, Branch & { readonly outline: Outline }>();

  constructor(branches: readonly Branch[]) {
    for (const branch of branches) {
      const { outline } = branch;
      if (outline) this.byGroup.set(outline.group, { ...branch, outline });
    }
  }

  /** What the branches would make, where that is computed inside. */
  get roots(): Node[] {
    return [...this.byGroup.values()].flatMap(({ outline }) =>
      outline.names.map(({ node }) => node).filter(node => this.holds(node)),
    );
  }

  holds(node: Node): boolean {
    return this.byGroup.size > 0 && this.around(node.provenance.group);
  }

  /** Whether the group is such a branch or lies in one. */
  around(group: Group | undefined): boolean {
    for (let g = group; g; g = g.parent) if (this.byGroup.has(g)) return true;
    return false;
  }

  begins(group: Group): boolean {
    return this.byGroup.has(group);
  }

  of(group: Group): BranchOutline | undefined {
    const branch = this.byGroup.get(group);
    if (!branch) return undefined;
    const names = branch.outline.names.map(({ name }) => name ?? 'return');
    return { names: [...new Set(names)].join(', '), reason: describeUntaken(branch) };
  }
}

/** The gradient along each drawn edge, as a node to evaluate. */
export function contributionsOf(picture: Picture, adjoints: Adjoints): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const { id, input, consumer, operand } of picture.edges) {
    const use = adjoints.contributions(input).find(c => c.consumer === consumer && c.operand === operand);
    if (use) found.set(id, use.value);
  }
  return found;
}

export function contributionOf(id: string, values: ArrayLike<number>): EdgeContribution {
  let [squares, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    squares += values[i]! ** 2;
    total += values[i]!;
  }
  return { id, norm: Math.sqrt(squares), total };
}

/** A constant that is only repeated or converted is drawn as the constant itself. */
function plain(node: Node): Node {
  const moved = node.op === 'broadcast' || node.op === 'cast' || node.op === 'reshape';
  if (!moved) return node;
  const origin = plain(node.inputs[0]!);
  return origin.op === 'constant' ? origin : node;
}

function roleOf(node: Node): DisplayRole {
  if (node.provenance.derivation.kind !== 'source') return 'gradient';
  switch (node.op) {
    case 'input':
      return 'input';
    case 'parameter':
      return 'parameter';
    case 'data':
    case 'rows':
    case 'random_mask':
      return 'data';
    case 'constant':
    case 'size':
    case 'buffer':
    case 'iota':
      return 'constant';
    default:
      return node.op === 'numeric_gradient' ? 'gradient' : 'operation';
  }
}

/** Groups worth a box: those that hold more than one drawn node besides constants, and branches that are not taken. */
class GroupBoxes {
  private readonly kept = new Set<Group>();
  private readonly results = new Map<Group, Node>();
  /** By the node's id. */
  private readonly membership: (Group | undefined)[] = [];

  constructor(
    drawn: readonly Node[],
    model: Model,
    private readonly outlines: Outlines,
  ) {
    const named = new Set(model.names.map(value => value.node));
    const counts = new Map<Group, number>();
    for (const node of drawn) {
      const outlined = outlines.holds(node);
      for (let { group } = node.provenance; group; group = group.parent) {
        if (outlined && !outlines.around(group)) continue; // they give nothing to what lies around the branch
        if (outlines.begins(group)) this.kept.add(group);
        if (node.op !== 'constant') counts.set(group, (counts.get(group) ?? 0) + 1);
        // The last member in topological order is what the call returns, and a named one is so for certain.
        const before = this.results.get(group);
        if (!before || !named.has(before) || named.has(node)) this.results.set(group, node);
      }
    }
    for (const [group, count] of counts) if (count > 1) this.kept.add(group);
    const users = usersOfConstants(drawn);
    for (const node of drawn) this.membership[node.id] = this.place(node, users);
  }

  of(node: Node): number | undefined {
    return this.membership[node.id]?.id;
  }

  boxes(source: Source): DisplayGroup[] {
    return [...this.kept]
      .sort((a, b) => a.id - b.id)
      .map(group => {
        const parent = this.nearest(group.parent);
        const outline = this.outlines.of(group);
        return {
          id: group.id,
          label: group.label,
          kind: group.kind,
          span: group.span,
          line: source.line(group.span.start),
          result: this.results.get(group)!.id,
          ...(parent ? { parent: parent.id } : {}),
          ...(outline ? { outline } : {}),
        };
      });
  }

  /** Parameters are drawn in the layer that owns them; constants beside their only users. */
  private place(node: Node, users: ReadonlyMap<Node, readonly Node[]>): Group | undefined {
    const own = this.nearest(node.provenance.group);
    if (own || node.op !== 'constant') return own;
    const using = new Set((users.get(node) ?? []).map(user => this.nearest(user.provenance.group)));
    return using.size === 1 ? [...using][0] : undefined;
  }

  private nearest(group: Group | undefined): Group | undefined {
    let nearest = group;
    while (nearest && !this.kept.has(nearest)) nearest = nearest.parent;
    return nearest;
  }
}

function usersOfConstants(drawn: readonly Node[]): Map<Node, Node[]> {
  const users = new Map<Node, Node[]>();
  for (const node of drawn) {
    for (const input of node.inputs) {
      const from = plain(input);
      if (from.op !== 'constant') continue;
      const list = users.get(from);
      if (list) list.push(node);
      else users.set(from, [node]);
    }
  }
  return users;
}
