import { hessianRow } from './derivatives';
import { activationRow, editRows, trainingRow } from './editor';
import { layoutRows } from './layout';
import { printTable } from './measure';
import { runtimeRows } from './runtime';
import { terminalRows } from './training';

async function main(): Promise<void> {
  printTable([
    ...runtimeRows(),
    hessianRow(),
    ...(await terminalRows('xor.nabla')),
    ...layoutRows(),
    ...(await editRows('iris.nabla')),
    ...(await editRows('digits.nabla')),
    await trainingRow('iris.nabla'),
    await trainingRow('digits.nabla'),
    await activationRow(),
  ]);
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error);
    process.exit(1);
  },
);
