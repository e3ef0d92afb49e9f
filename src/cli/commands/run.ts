import { formatNumber, formatTensor } from '../../drawing/numbers';
import { groupPath, type Node } from '../../graph/node';
import type { Tensor } from '../../graph/types';
import type { Objective } from '../../language/model';
import type { CheckOutcome } from '../../training/evaluation';
import { describeCheck } from '../../worker/checks';
import { signOf } from '../../worker/nodeNames';
import { summarize } from '../../worker/summary';
import type { Command } from '../command';
import { diagnosticLine } from '../diagnostics';
import { reporting } from '../findings';
import { jsonTensor, toJson } from '../json';
import { type LoadedFile, loadFile } from '../load';
import { type NodeEntry, nodeList } from '../nodeList';
import { evaluationOptions, objectiveOf, type Pass, prepare, runPass } from '../pass';
import { exitStatus } from '../status';
import { alignColumns, cutTo } from '../table';
import type { Terminal } from '../terminal';

/** One forward and backward pass. */
export const run: Command = {
  name: 'run',
  arguments: 'FILE',
  summary: 'one forward and backward pass: every value and gradient',
  options: {
    json: { help: 'the whole as one JSON object' },
    all: { help: 'unnamed nodes, and those inside calls, too' },
    ...evaluationOptions,
    mode: { value: 'train|eval', help: 'what layers that differ in training do' },
    'grad-of': { value: 'NODE', help: 'derivatives of this scalar in place of the objective' },
  },
  async run(options, terminal) {
    const file = options.file();
    const mode = options.oneOf('mode', ['train', 'eval']);
    options.whole('seed', 0);
    const read = await loadFile(file, terminal);
    if (!read) return exitStatus.wrong;
    const asked = mode === 'eval' ? { ...read, model: read.model.inEvaluation() } : read;
    return reporting(asked, terminal, async () => {
      const { loaded, evaluation } = await prepare(asked, options, terminal);
      const objective = objectiveOf(loaded, options.text('grad-of'));
      const entries = nodeList(loaded, options.flag('all'));
      const pass = runPass(
        evaluation,
        objective,
        entries.map(entry => entry.node),
      );
      if (options.flag('json')) printJson(loaded, objective, entries, pass, terminal);
      else printTable(loaded, objective, entries, pass, terminal);
      return reportChecks(loaded, pass.checks, terminal) ? exitStatus.success : exitStatus.wrong;
    });
  },
};

/** A node at a time, since the whole may be longer than a string can be. */
function printJson(
  { source }: LoadedFile,
  objective: Objective | undefined,
  entries: readonly NodeEntry[],
  pass: Pass,
  { out }: Terminal,
): void {
  out(`{"objective":${toJson(objective?.text ?? null)},\n"nodes":[`);
  entries.forEach(({ node, name, version, inside, line }, i) => {
    const value = pass.value(node);
    const gradient = pass.gradient(node);
    const json = toJson({
      name: name ?? null,
      version,
      inside,
      op: name === undefined ? node.op : wordOf(node),
      line,
      dtype: node.dtype,
      shape: value.shape,
      value: jsonTensor(value.data, value.shape, node.dtype),
      grad: gradient ? jsonTensor(gradient.data, gradient.shape, 'float') : null,
      reached: gradient && !pass.reached(node) ? false : undefined,
    });
    out(`${i === 0 ? '' : ','}\n${json}`);
  });
  const checks = pass.checks.map(({ check, pass: holds, deviation }) => {
    return toJson({ line: source.line(check.span.start), pass: holds, deviation });
  });
  out(`],\n"checks":[${checks.join(',')}]}\n`);
}

/** Room for a name; longer paths are cut. */
const NAME_WIDTH = 32;

function printTable(
  { source }: LoadedFile,
  objective: Objective | undefined,
  entries: readonly NodeEntry[],
  pass: Pass,
  { out, outStyle, columns }: Terminal,
): void {
  const fixed = entries.map(entry => [
    String(entry.line),
    cutTo(titleOf(entry), NAME_WIDTH),
    (entry.name === undefined ? undefined : callOf(entry.node)) ?? signOf(entry.node),
    `[${pass.value(entry.node).shape.join(', ')}]`,
  ]);
  const heads = ['line', 'name', 'op', 'shape'];
  const left = alignColumns(
    [heads, ...fixed].map(row => [...row, '|']),
    new Set([0]),
  );
  // What remains of a line is shared by value and gradient.
  const room = Math.max(24, Math.floor((columns - left[0]!.length - 2) / 2));
  const values = [
    ['value', objective ? `gradient of ${objective.text}` : 'gradient'],
    ...entries.map(({ node }) => [show(pass.value(node), room), gradientText(pass, node, room)]),
  ];
  const lines = alignColumns(left.map((cells, i) => [cells.slice(0, -1).trimEnd(), ...values[i]!]));
  out(lines.map((line, i) => `${i === 0 ? outStyle.bold(line) : line}\n`).join(''));
  if (pass.checks.length > 0) out('\n');
  for (const outcome of pass.checks) {
    const { span } = outcome.check;
    const text = source.slice(span).replace(/\s+/g, ' ');
    const mark = outcome.pass ? outStyle.green('✓') : outStyle.red('✗');
    out(`${mark} line ${source.line(span.start)}: ${cutTo(text, 80)}: ${describeCheck(outcome)}\n`);
  }
}

function titleOf({ name, version, inside }: NodeEntry): string {
  if (name !== undefined) return version === undefined ? name : `${name} (${version})`;
  return `· ${(inside ?? []).join(' › ')}`;
}

function gradientText(pass: Pass, node: NodeEntry['node'], room: number): string {
  const gradient = pass.gradient(node);
  if (!gradient) return '–';
  return pass.reached(node) ? show(gradient, room) : '0 (not reached)';
}

function show(tensor: Tensor, room: number): string {
  const summary = summarize(tensor);
  const { min, max, nans } = summary;
  const alike = tensor.data.length > 1 && min === max && nans === 0;
  return alike ? `all ${formatNumber(min)}` : formatTensor(summary, room);
}

/** The operation in a word, `add` and `matmul` rather than `+` and `@`, since programs read this. */
function wordOf(node: Node): string {
  const call = callOf(node);
  if (call !== undefined || node.op !== 'contract') return call ?? node.op;
  const sign = signOf(node);
  return sign === '@' ? 'matmul' : sign;
}

/** The function that a named node is the result of, such as `mean`, as it stands in the file. */
function callOf(node: Node): string | undefined {
  // A layer's own tensors are the result of no call, wherever its first call stands.
  if (node.op === 'parameter' || node.op === 'buffer') return undefined;
  const [outermost] = groupPath(node.provenance.group);
  return outermost?.kind === 'call' ? outermost.label : undefined;
}

/** Failed checks on standard error too, with their place; true when there is none. */
function reportChecks(
  { source }: LoadedFile,
  outcomes: readonly CheckOutcome[],
  { err, errStyle }: Terminal,
): boolean {
  const failed = outcomes.filter(outcome => !outcome.pass);
  for (const outcome of failed) {
    const { span } = outcome.check;
    const message = describeCheck(outcome);
    err(`${diagnosticLine(source, { code: 'check-failed', severity: 'error', span, message }, errStyle)}\n`);
  }
  return failed.length === 0;
}
