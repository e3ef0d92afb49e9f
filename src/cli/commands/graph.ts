import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DisplayGraph, GraphValues } from '../../drawing/displayGraph';
import { graphHtml, graphSvg } from '../../drawing/svg';
import type { Node } from '../../graph/node';
import { allAdjoints, type Evaluation } from '../../training/evaluation';
import { contributionOf, contributionsOf, drawModel, type Picture } from '../../worker/display';
import { NodeNames } from '../../worker/nodeNames';
import { summarize } from '../../worker/summary';
import type { Command } from '../command';
import { graphDot } from '../dot';
import { reporting } from '../findings';
import { toJson } from '../json';
import { loadFile } from '../load';
import { evaluationOptions, type Pass, prepare, runPass } from '../pass';
import { exitStatus, InputError } from '../status';

const formats = ['svg', 'json', 'dot', 'html'] as const;
type Format = (typeof formats)[number];

/** The picture of the graph, with values and gradients where they can be computed. */
export const graph: Command = {
  name: 'graph',
  arguments: 'FILE',
  summary: 'the graph, values and gradients included',
  options: {
    format: { value: formats.join('|'), help: 'svg unless told, or what the name after --out ends in' },
    out: { value: 'F', help: 'a file in place of standard output' },
    ...evaluationOptions,
  },
  async run(options, terminal) {
    const file = options.file();
    const out = options.text('out');
    const ending = formats.find(format => out?.toLowerCase().endsWith(`.${format}`));
    const format = options.oneOf('format', formats) ?? ending ?? 'svg';
    options.whole('seed', 0);
    const read = await loadFile(file, terminal);
    if (!read) return exitStatus.wrong;
    return reporting(read, terminal, async () => {
      const { loaded, evaluation } = await prepare(read, options, terminal);
      const { model, source } = loaded;
      const picture = drawModel(model, source, new NodeNames(model, source.text), model.objective?.node);
      const values = valuesOf(evaluation, picture);
      const text = render(format, path.basename(file), picture.graph, values);
      if (out === undefined) terminal.out(text);
      else await write(out, text);
      return exitStatus.success;
    });
  },
};

function render(format: Format, title: string, shown: DisplayGraph, values: GraphValues): string {
  switch (format) {
    case 'svg':
      return graphSvg(shown, { values });
    case 'html':
      return graphHtml(title, shown, { values });
    case 'dot':
      return graphDot(title, shown, values);
    case 'json':
      return `${toJson({ ...shown, values })}\n`;
  }
}

function valuesOf(evaluation: Evaluation, picture: Picture): GraphValues {
  const { model } = evaluation;
  const adjoints = model.objective && allAdjoints(model, model.objective.node);
  const contributions = adjoints ? contributionsOf(picture, adjoints) : new Map<string, Node>();
  const nodes = [...picture.nodes.values()];
  const pass = runPass(evaluation, model.objective, [...nodes, ...contributions.values()]);
  return {
    nodes: nodes.map(node => nodeValues(pass, node)),
    edges: [...contributions].map(([id, node]) => contributionOf(id, pass.value(node).data)),
  };
}

function nodeValues(pass: Pass, node: Node): GraphValues['nodes'][number] {
  const gradient = pass.gradient(node);
  return {
    id: node.id,
    value: summarize(pass.value(node)),
    reached: pass.reached(node),
    ...(gradient ? { gradient: summarize(gradient) } : {}),
  };
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new InputError(`${file}: the file cannot be written (${(error as Error).message})`);
  }
}
