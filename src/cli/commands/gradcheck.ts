import { gradcheck as checkGradients, type GradcheckRow } from '../../autodiff/gradcheck';
import { randomStream } from '../../base/random';
import { formatNumber } from '../../drawing/numbers';
import { evaluate } from '../../runtime/evaluate';
import { allAdjoints } from '../../training/evaluation';
import type { Command } from '../command';
import { diagnosticLine } from '../diagnostics';
import { reporting } from '../findings';
import { Interruption } from '../interruption';
import { toJson } from '../json';
import { type LoadedFile, loadFile } from '../load';
import { nodeList } from '../nodeList';
import { evaluationOptions, prepareRows } from '../pass';
import { ProgressBar } from '../progressBar';
import { exitStatus, InputError } from '../status';
import { alignColumns } from '../table';
import type { Terminal } from '../terminal';

/** Rows that are evaluated, since every entry of every tensor costs some evaluations. */
const ROWS = 32;

/** Automatic gradients against central differences. */
export const gradcheck: Command = {
  name: 'gradcheck',
  arguments: 'FILE',
  summary: 'automatic gradients against central differences, in 64-bit',
  options: {
    json: { help: 'the whole as one JSON object' },
    rows: { value: 'R', help: `how many rows are evaluated, the first ${ROWS} unless told` },
    all: { help: 'every named float node in place of the parameters' },
    ...evaluationOptions,
  },
  async run(options, terminal) {
    const file = options.file();
    const most = options.whole('rows', 1) ?? ROWS;
    options.whole('seed', 0);
    const read = await loadFile(file, terminal);
    if (!read) return exitStatus.wrong;
    return reporting(read, terminal, async () => {
      if (!read.model.objective)
        throw new InputError(`${file}: there is no scalar float node to differentiate`);
      const { loaded, evaluation } = await prepareRows(read, options, terminal, most);
      const { model } = loaded;
      const objective = model.objective!;
      const adjoints = allAdjoints(model, objective.node);
      // A file without parameters still has gradients worth checking.
      const all = options.flag('all') || model.parameters.length === 0;
      const parameters = new Set(model.parameters.map(parameter => parameter.node));
      const targets = nodeList(loaded, false)
        .filter(({ node }) => (all ? node.dtype === 'float' : parameters.has(node)))
        .map(({ node, name, version }) => ({
          path: version === undefined ? name! : `${name} (${version})`,
          node,
          adjoint: adjoints.of(node),
        }));
      const seed = options.whole('seed', 0) ?? model.trainings[0]?.seed ?? 0;
      const feeds = evaluation.neededFeeds([objective.node, ...targets.map(target => target.node)]);
      const random = randomStream(seed, 'gradcheck');
      const { graph } = model.builder;
      const check = checkGradients(evaluate, objective.node, targets, feeds, evaluation.sizes, {
        graph,
        random,
      });
      const rows = await watched(check, targets.length, terminal);
      if (!rows) return exitStatus.interrupted;
      const report = { loaded, objective: objective.text, batchRows: evaluation.batchRows, rows };
      if (options.flag('json')) printJson(report, terminal);
      else printTable(report, terminal);
      return reportFailures(report, terminal) ? exitStatus.success : exitStatus.wrong;
    });
  },
};

/** With a progress bar where somebody watches; undefined when it is interrupted. */
async function watched(
  check: Generator<number, GradcheckRow[]>,
  tensors: number,
  terminal: Terminal,
): Promise<GradcheckRow[] | undefined> {
  const bar = new ProgressBar(terminal);
  const interruption = new Interruption();
  const started = performance.now();
  const figures = [`gradients of ${tensors} tensor${tensors === 1 ? '' : 's'}`];
  try {
    while (!interruption.requested) {
      const next = check.next();
      if (next.done) return next.value;
      bar.share(next.value, figures, (performance.now() - started) / 1000);
      // Signals are delivered between turns of the event loop.
      await new Promise(resolve => setImmediate(resolve));
    }
  } finally {
    bar.clear();
    interruption.dispose();
  }
  terminal.err('nabla: interrupted before all gradients were checked\n');
  return undefined;
}

interface Report {
  readonly loaded: LoadedFile;
  readonly objective: string;
  /** Rows evaluated; absent for a model without rows. */
  readonly batchRows: number | undefined;
  readonly rows: readonly GradcheckRow[];
}

function lineOf({ source }: LoadedFile, { node }: GradcheckRow): number | undefined {
  const { span } = node.provenance;
  return span && source.line(span.start);
}

function printJson({ loaded, objective, batchRows, rows }: Report, { out }: Terminal): void {
  const nodes = rows.map(row => {
    const { path, shape, checked, total, deviation, index, automatic, numeric, kinks, direction, pass } = row;
    return {
      name: path,
      line: lineOf(loaded, row),
      shape,
      checked,
      total,
      pass,
      deviation,
      worst: checked > 0 ? { index, automatic, numeric } : undefined,
      kinks,
      direction,
    };
  });
  out(`${toJson({ objective, rows: batchRows, pass: rows.every(row => row.pass), nodes })}\n`);
}

function printTable({ loaded, objective, batchRows, rows }: Report, { out, outStyle }: Terminal): void {
  const heads = [
    '',
    'name',
    'line',
    'shape',
    'entries',
    'kinks',
    'deviation',
    'worst entry: automatic, numeric',
  ];
  const cells = rows.map(row => [
    row.pass ? '✓' : '✗',
    row.path,
    String(lineOf(loaded, row) ?? ''),
    `[${row.shape.join(', ')}]`,
    row.checked === row.total ? String(row.total) : `${row.checked} of ${row.total}`,
    String(row.kinks.length),
    formatNumber(row.deviation),
    worstOf(row),
  ]);
  const [head, ...lines] = alignColumns([heads, ...cells], new Set([2, 4, 5, 6]));
  const of = batchRows === undefined ? '' : ` on ${batchRows} row${batchRows === 1 ? '' : 's'}`;
  out(`gradients of ${objective}${of}, relative to each tensor's largest gradient\n\n`);
  out(`${outStyle.bold(head!)}\n`);
  lines.forEach((line, i) => {
    const paint = rows[i]!.pass ? outStyle.green : outStyle.red;
    out(`${paint(line.slice(0, 1))}${line.slice(1)}\n`);
  });
  for (const { path, kinks } of rows) for (const kink of kinks) out(`  ${kinkText(path, kink)}\n`);
}

function worstOf({ index, automatic, numeric, checked }: GradcheckRow): string {
  if (checked === 0) return '';
  const place = index.length === 0 ? '' : `[${index.join(', ')}] `;
  return `${place}${formatNumber(automatic)}, ${formatNumber(numeric)}`;
}

function kinkText(path: string, { index, automatic, left, right }: GradcheckRow['kinks'][number]): string {
  const place = index.length === 0 ? '' : `[${index.join(', ')}]`;
  return (
    `kink at ${path}${place}: the slope is ${formatNumber(left)} on the left and ${formatNumber(right)} on the right, ` +
    `the gradient is ${formatNumber(automatic)}`
  );
}

/** Each failure with its place on standard error; true when there is none. */
function reportFailures({ loaded, rows }: Report, { err, errStyle }: Terminal): boolean {
  const failed = rows.filter(row => !row.pass);
  for (const { node, path, index, automatic, numeric, direction } of failed) {
    const span = node.provenance.span ?? { start: 0, end: 0 };
    const entry = `at ${path}[${index.join(', ')}] the automatic gradient is ${automatic} and the numeric one ${numeric}`;
    const along = direction && !direction.pass;
    const message = along
      ? `along a random direction of ${path} the automatic slope is ${direction.automatic} and the numeric one ${direction.numeric}`
      : entry;
    err(
      `${diagnosticLine(loaded.source, { code: 'check-failed', severity: 'error', span, message }, errStyle)}\n`,
    );
  }
  return failed.length === 0;
}
