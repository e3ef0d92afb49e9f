import { type Layout, type LayoutRequest, layoutGraph } from '../src/drawing/layout';

/** The layout on a thread of its own, so that a large graph does not hold up the page. */

export interface LayoutJob {
  readonly id: number;
  readonly request: LayoutRequest;
}

export interface LayoutAnswer {
  readonly id: number;
  readonly layout: Layout;
}

self.onmessage = ({ data }: MessageEvent<LayoutJob>) => {
  const answer: LayoutAnswer = { id: data.id, layout: layoutGraph(data.request) };
  self.postMessage(answer);
};
