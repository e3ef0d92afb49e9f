import type { ToWebview } from '../src/views/protocol';

/**
 * Whether something that arrived is a message of the protocol. Host and webview are built together, so this is no
 * negotiation of versions; it keeps a stray or damaged message from leaving half a picture behind.
 */
export function isToWebview(value: unknown): value is ToWebview {
  if (!isRecord(value)) return false;
  const { kind } = value;
  return typeof kind === 'string' && isKind(kind) && messages[kind](value);
}

type Check = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isKind = (kind: string): kind is ToWebview['kind'] => Object.hasOwn(messages, kind);
const number: Check = value => typeof value === 'number';
const whole: Check = value => Number.isSafeInteger(value);
const text: Check = value => typeof value === 'string';
const flag: Check = value => typeof value === 'boolean';
const oneOf =
  (...words: string[]): Check =>
  value =>
    typeof value === 'string' && words.includes(value);
const nullable =
  (check: Check): Check =>
  value =>
    value === null || check(value);
const list =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check);
const numbers = list(number);

/** Every field of `required` is there and fits; those of `optional` fit or are absent. */
function object(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const needed = Object.entries(required);
  const possible = Object.entries(optional);
  return value =>
    isRecord(value) &&
    needed.every(([key, check]) => check(value[key])) &&
    possible.every(([key, check]) => value[key] === undefined || check(value[key]));
}

const dtype = oneOf('float', 'int', 'bool');
const phase = oneOf('running', 'paused', 'finished', 'stopped', 'failed');
const span = object({ start: whole, end: whole });
const metrics: Check = value => isRecord(value) && Object.values(value).every(number);

const tensorPicture: Check = value =>
  object({ rows: whole, columns: whole, values: numbers })(value) && picturesFit(value as PictureLike);

interface PictureLike {
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

const picturesFit = ({ rows, columns, values }: PictureLike) =>
  rows > 0 && columns > 0 && rows * columns === values.length;

const summary = object(
  {
    dtype,
    shape: list(whole),
    min: number,
    max: number,
    mean: number,
    std: number,
    norm: number,
    zeros: number,
    nans: number,
    infinities: number,
  },
  { elements: numbers, picture: tensorPicture },
);

const graph = object(
  {
    nodes: list(
      object(
        {
          id: whole,
          role: oneOf('input', 'parameter', 'data', 'constant', 'operation', 'gradient'),
          op: text,
          shape: text,
          dtype,
        },
        { name: text, span, line: whole, group: whole, outline: flag },
      ),
    ),
    edges: list(object({ id: text, from: whole, to: whole, operand: whole })),
    groups: list(
      object(
        { id: whole, label: text, kind: oneOf('call', 'layer', 'turn', 'branch'), result: whole },
        { parent: whole, line: whole, span, outline: object({ names: text, reason: text }) },
      ),
    ),
  },
  { objective: whole },
);

const values = object({
  nodes: list(object({ id: whole, value: summary, reached: flag }, { gradient: summary })),
  edges: list(object({ id: text, norm: number, total: number })),
});

const use = object(
  {
    consumer: whole,
    consumerName: text,
    local: text,
    upstream: text,
    upstreamValue: summary,
    contribution: summary,
  },
  { line: whole, pattern: text, localValue: summary },
);

const explanation = object(
  {
    node: whole,
    name: text,
    formula: text,
    value: summary,
    reached: flag,
    symbol: text,
    uses: list(use),
    notes: list(text),
  },
  { gradient: summary },
);

const epochs = list(
  object(
    { step: whole, epoch: number, loss: number, metrics },
    { validationLoss: number, validationMetrics: metrics },
  ),
);

const points = { steps: list(whole), losses: numbers, epochs, kept: list(whole) };

const run = object(
  {
    runId: text,
    label: text,
    phase,
    ...points,
    totalSteps: number,
    learningRate: number,
    seconds: number,
  },
  { error: text },
);

const shown = object({ label: text, rows: text }, { runId: text, step: whole });

const messages: Readonly<Record<ToWebview['kind'], Check>> = {
  snapshot: object({
    snapshot: object(
      { version: whole, runs: list(run) },
      {
        file: text,
        uri: text,
        empty: text,
        graph,
        values,
        state: shown,
        selected: whole,
        explanation,
        objective: text,
        activeRun: text,
      },
    ),
  }),
  values: object({ version: whole, state: shown, values }),
  select: object({ version: whole, node: nullable(whole) }),
  explanation: object({ version: whole, explanation }),
  progress: object({
    runId: text,
    from: whole,
    ...points,
    phase,
    learningRate: number,
    seconds: number,
  }),
};
