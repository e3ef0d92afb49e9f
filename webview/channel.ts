import { decodeNonFinite } from '../src/base/nonFinite';
import type { FromWebview, ToWebview, WebviewState } from '../src/views/protocol';
import { isToWebview } from './validate';

/** The one way out of this page: typed messages to the extension and back, and what is kept across reloads. */

interface VsCodeApi {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: WebviewState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export class Channel {
  private readonly api = acquireVsCodeApi();

  post(message: FromWebview): void {
    this.api.postMessage(message);
  }

  /** Anything that is no message of ours is dropped: the page gets messages of its own tools, too. */
  listen(receive: (message: ToWebview) => void): void {
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      const message = decodeNonFinite(event.data);
      if (isToWebview(message)) receive(message);
      else console.warn('Nabla: a message that does not fit the protocol was ignored', event.data);
    });
  }

  kept(): WebviewState | undefined {
    const state = this.api.getState();
    return isKeptState(state) ? state : undefined;
  }

  keep(state: WebviewState): void {
    this.api.setState(state);
  }
}

function isKeptState(state: unknown): state is WebviewState {
  if (typeof state !== 'object' || state === null) return false;
  const { uri, opened, zoom, pan, logarithmic, hiddenRuns } = state as Record<string, unknown>;
  const texts = (list: unknown) => Array.isArray(list) && list.every(each => typeof each === 'string');
  const place = pan as { readonly x?: unknown; readonly y?: unknown } | undefined;
  return (
    (uri === undefined || typeof uri === 'string') &&
    texts(opened) &&
    texts(hiddenRuns) &&
    typeof logarithmic === 'boolean' &&
    (zoom === undefined || (typeof zoom === 'number' && zoom > 0)) &&
    (place === undefined || (typeof place?.x === 'number' && typeof place.y === 'number'))
  );
}
