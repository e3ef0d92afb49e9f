import { activationRow, editRows, trainingRow } from './editor';
import { printTable } from './measure';
import { runtimeRows } from './runtime';

async function main(): Promise<void> {
  printTable([
    ...runtimeRows(),
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
