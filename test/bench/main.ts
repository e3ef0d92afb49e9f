import { hessianRow } from './derivatives';
import {
  activationRow,
  editedExample,
  editedFormula,
  editedNumber,
  editRows,
  textRow,
  trainingRow,
} from './editor';
import { measureFresh } from './fresh';
import { layoutRows } from './layout';
import { machine } from './machine';
import { printTable, type Row } from './measure';
import { type BenchOptions, BenchUsageError, parseOptions } from './options';
import { overheads } from './overhead';
import { packageRow } from './package';
import { fillReadme, type Results, writeResults } from './results';
import { runtimeRows } from './runtime';
import { measureSpeed } from './speed';
import { freshTable, overheadTable, printColumns, speedNotes, speedTable, workTable } from './tables';
import { terminalRows } from './training';
import { workloads } from './workloads';

/** Sections of single figures. */
const sections: Readonly<Record<string, () => readonly Row[] | Promise<readonly Row[]>>> = {
  runtime: runtimeRows,
  derivatives: () => [hessianRow()],
  terminal: () => terminalRows('xor.nabla'),
  layout: layoutRows,
  editor: async () => [
    ...(await editRows(editedExample('iris.nabla'))),
    ...(await editRows(editedExample('digits.nabla'))),
    ...(await editRows(editedNumber(300))),
    ...(await editRows(editedFormula(300))),
    textRow(10_000),
    await trainingRow('iris.nabla'),
    await trainingRow('digits.nabla'),
  ],
  activation: async () => [await activationRow()],
  package: () => [packageRow()],
};

const tables = ['speed', 'compile', 'overhead'] as const;
const models = workloads.map(({ name }) => name);
const names = [...tables, ...Object.keys(sections), ...models];

async function bench({ only, rounds, json }: BenchOptions): Promise<void> {
  const results: Results = { machine: machine(), rows: {} };
  const wants = (name: string): boolean => only.length === 0 || only.includes(name);
  const chosen = workloads.filter(({ name }) => only.includes(name));
  const measured = chosen.length > 0 ? chosen : workloads;
  const { processor, cores, memoryBytes, node } = results.machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  console.log(`${processor}, ${cores} cores, ${memory}, Node ${node.slice(1)}`);

  if (wants('speed') || chosen.length > 0) {
    heading('Training steps, against PyTorch and TensorFlow.js');
    const speed = await measureSpeed(measured, rounds, progress);
    results.speed = speed;
    console.log(printColumns(speedTable(speed)));
    console.log(`\n${printColumns(workTable(speed))}`);
    for (const note of speedNotes(speed)) console.log(note);
  }
  if (wants('compile')) {
    heading('Compile time, and memory against the least that training must hold');
    results.fresh = await measureFresh(measured);
    console.log(printColumns(freshTable(results.fresh)));
  }
  if (wants('overhead')) {
    heading('Overhead of a step');
    results.overhead = await overheads();
    console.log(printColumns(overheadTable(results.overhead)));
  }
  for (const [name, rowsOf] of Object.entries(sections)) {
    if (!wants(name)) continue;
    heading(name);
    const rows = await rowsOf();
    results.rows[name] = rows;
    printTable(rows);
  }
  writeResults(json, results);
  console.log(`\n${json}`);
}

function heading(title: string): void {
  console.log(`\n${title}`);
}

/** What goes on, where somebody looks on. */
function progress(line: string): void {
  if (process.stderr.isTTY || !line.startsWith('timing')) process.stderr.write(`${line}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), names);
  if (options.readme) console.log(fillReadme());
  else await bench(options);
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error instanceof BenchUsageError ? error.message : error);
    process.exit(error instanceof BenchUsageError ? 2 : 1);
  },
);
