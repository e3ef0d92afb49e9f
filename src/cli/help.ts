import type { Command } from './command';
import type { OptionSpec } from './options';
import { alignColumns } from './table';

export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map(command => [`  nabla ${command.name} ${command.arguments}`, command.summary]);
  return [
    'Nabla, the spreadsheet of gradients: a model file, its values and its gradients from the terminal.',
    '',
    ...alignColumns(rows),
    '',
    '`nabla COMMAND --help` lists the options. Exit status: 0 success, 1 the model or its data is wrong or a check',
    'failed, 2 wrong usage, 130 interrupted.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const options = Object.entries(command.options);
  const rows = [
    ...options.map(([name, spec]) => [`  ${optionUsage(name, spec)}`, spec.help]),
    ['  -h, --help', 'this text'],
  ];
  return [
    `nabla ${command.name} ${command.arguments} [OPTION]...`,
    '',
    command.summary,
    '',
    ...alignColumns(rows),
    '',
  ].join('\n');
}

function optionUsage(name: string, { value, multiple }: OptionSpec): string {
  return `--${name}${value === undefined ? '' : ` ${value}`}${multiple ? ' ...' : ''}`;
}
