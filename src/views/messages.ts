import type { Span } from '../base/span';
import type { ControlAction, FromWebview } from './protocol';

const actions: Readonly<Record<ControlAction, true>> = {
  train: true,
  pause: true,
  step: true,
  epoch: true,
  stop: true,
  reset: true,
  run: true,
  openGraph: true,
};

/** A text longer than this was not copied from an explanation. */
const longestCopy = 100_000;

/** Checks what a webview sent. A webview is not trusted: whatever is not a message of ours is dropped. */
export function parseFromWebview(message: unknown): FromWebview | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const from = message as Readonly<Record<string, unknown>>;
  switch (from.kind) {
    case 'ready':
      return { kind: 'ready' };
    case 'select': {
      const { version, node } = from;
      return isCount(version) && (node === null || isCount(node))
        ? { kind: 'select', version, node }
        : undefined;
    }
    case 'reveal': {
      const { version, span } = from;
      return isCount(version) && isSpan(span) ? { kind: 'reveal', version, span } : undefined;
    }
    case 'control': {
      const { action } = from;
      return typeof action === 'string' && Object.hasOwn(actions, action)
        ? { kind: 'control', action: action as ControlAction }
        : undefined;
    }
    case 'learningRate': {
      const { runId, value } = from;
      const valid =
        typeof runId === 'string' && typeof value === 'number' && Number.isFinite(value) && value >= 0;
      return valid ? { kind: 'learningRate', runId, value } : undefined;
    }
    case 'show': {
      const { runId, step } = from;
      return typeof runId === 'string' && isCount(step) ? { kind: 'show', runId, step } : undefined;
    }
    case 'copy': {
      const { text } = from;
      return typeof text === 'string' && text.length <= longestCopy ? { kind: 'copy', text } : undefined;
    }
    default:
      return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isSpan(value: unknown): value is Span {
  if (typeof value !== 'object' || value === null) return false;
  const { start, end } = value as Partial<Record<keyof Span, unknown>>;
  return isCount(start) && isCount(end) && start <= end;
}
