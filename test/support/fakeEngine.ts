import type { Engine } from '../../src/worker/engineClient';
import { EngineError } from '../../src/worker/engineError';
import type { Analysis, NameInfo, Request, Responses } from '../../src/worker/protocol';

/** A request that waits for the test to answer it. */
export interface Asked {
  readonly request: Request;
  answer(result: Responses[Request['kind']]): void;
  fail(error: Error): void;
  readonly signal: AbortSignal | undefined;
}

/** An engine that answers when the test says so. */
export class FakeEngine implements Engine {
  readonly asked: Asked[] = [];

  call<R extends Request>(request: R, signal?: AbortSignal): Promise<Responses[R['kind']]> {
    return new Promise((resolve, reject) => {
      const answer = (result: Responses[Request['kind']]) => resolve(result as Responses[R['kind']]);
      this.asked.push({ request, answer, fail: reject, signal });
      signal?.addEventListener('abort', () => reject(EngineError.cancelled()));
    });
  }

  of<K extends Request['kind']>(kind: K): (Asked & { readonly request: Extract<Request, { kind: K }> })[] {
    return this.asked.filter(({ request }) => request.kind === kind) as ReturnType<typeof this.of<K>>;
  }

  /** Waits until so many requests of a kind have come. */
  async until(kind: Request['kind'], count: number): Promise<void> {
    const deadline = Date.now() + 2_000;
    while (this.of(kind).length < count) {
      if (Date.now() > deadline) throw new Error(`no ${kind} request number ${count}`);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  }
}

export function analysisOf(version: number, more: Partial<Analysis> = {}): Analysis {
  return {
    version,
    diagnostics: [],
    names: [],
    state: { seed: 0, rows: 0, totalRows: 0 },
    checks: [],
    training: [],
    evaluated: true,
    milliseconds: { lower: 1, evaluate: 1 },
    ...more,
  };
}

export function nameInfo(name: string, start: number, more: Partial<NameInfo> = {}): NameInfo {
  return {
    node: start,
    name,
    kind: 'node',
    span: { start, end: start + name.length },
    line: 1,
    dtype: 'float',
    shape: '[]',
    sizes: [],
    op: '*',
    reached: true,
    ...more,
  };
}

export function scalar(value: number) {
  return {
    dtype: 'float',
    shape: [],
    elements: [value],
    min: value,
    max: value,
    mean: value,
    std: 0,
    norm: Math.abs(value),
    zeros: value === 0 ? 1 : 0,
    nans: 0,
    infinities: 0,
  } as const;
}
