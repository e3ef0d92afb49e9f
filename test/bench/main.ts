import { printTable } from './measure';
import { runtimeRows } from './runtime';

printTable([...runtimeRows()]);
