/** What `run.json` in a run's folder says of it. */
export interface RunRecord {
  readonly runId: string;
  readonly label?: string;
  /** Path of the model file, as it was. */
  readonly model: string;
  /** ISO time. */
  readonly started: string;
  readonly seed?: number;
  readonly phase: 'running' | 'finished' | 'stopped' | 'failed';
  readonly steps: number;
  readonly loss?: number;
  readonly validationLoss?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly executor?: string;
  /** Why this one. */
  readonly executorReason?: string;
  readonly nabla?: string;
  readonly error?: string;
}

/** Reads the record, which a person or an older version may have written: nothing when it is none. */
export function parseRunRecord(text: string, runId: string): RunRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined; // half written, or not ours
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const from = json as Readonly<Record<string, unknown>>;
  const phase = phases.find(known => known === from.phase);
  if (!phase || typeof from.model !== 'string') return undefined;
  return {
    runId,
    model: from.model,
    started: typeof from.started === 'string' ? from.started : '',
    phase,
    steps: number(from.steps) ?? 0,
    metrics: numbers(from.metrics),
    seconds: number(from.seconds) ?? 0,
    ...optional('label', string(from.label)),
    ...optional('seed', number(from.seed)),
    ...optional('loss', number(from.loss)),
    ...optional('validationLoss', number(from.validationLoss)),
    ...optional('executor', string(from.executor)),
    ...optional('executorReason', string(from.executorReason)),
    ...optional('nabla', string(from.nabla)),
    ...optional('error', string(from.error) ?? messageOf(from.error)),
  };
}

const phases = ['running', 'finished', 'stopped', 'failed'] as const;

/** NaN and infinities are strings in JSON. */
function number(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

function numbers(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).map(([key, item]) => [key, number(item)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function messageOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && 'message' in value
    ? string(value.message)
    : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
