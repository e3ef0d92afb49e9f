import { type Layout, type LayoutRequest, layoutGraph } from '../src/drawing/layout';
import type { LayoutAnswer, LayoutJob } from './layoutWorker';

/** Up to this many nodes the layout takes less than a frame, and asking another thread would only flicker. */
const atOnce = 150;

/** Lays out the newest graph; a layout that has been overtaken is cancelled with its thread. */
export class Layouter {
  private worker: Promise<Worker | undefined> | undefined;
  private running: Worker | undefined;
  private source: Promise<string> | undefined;
  private latest = 0;

  /** `url` of the worker's script. A webview may start workers from blobs only, so it is fetched once. */
  constructor(private readonly url: string) {}

  /** `undefined` when a newer request has overtaken this one. */
  async layout(request: LayoutRequest): Promise<Layout | undefined> {
    const id = ++this.latest;
    if (this.running) {
      this.running.terminate();
      this.running = undefined;
      this.worker = undefined;
    }
    if (request.nodes.length <= atOnce) return layoutGraph(request);
    const worker = await (this.worker ??= this.start());
    if (id !== this.latest) return undefined;
    if (!worker) return layoutGraph(request);
    const layout = await this.run(worker, { id, request });
    return id === this.latest ? layout : undefined;
  }

  private run(worker: Worker, job: LayoutJob): Promise<Layout> {
    this.running = worker;
    return new Promise(resolve => {
      worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => {
        this.running = undefined;
        resolve(data.layout);
      };
      worker.onerror = event => {
        event.preventDefault();
        this.running = undefined;
        this.worker = undefined;
        resolve(layoutGraph(job.request)); // slower, but there is a picture
      };
      worker.postMessage(job);
    });
  }

  private async start(): Promise<Worker | undefined> {
    try {
      this.source ??= fetch(this.url)
        .then(response => response.blob())
        .then(blob => URL.createObjectURL(new Blob([blob], { type: 'text/javascript' })));
      return new Worker(await this.source);
    } catch (error) {
      console.warn('Nabla: no worker for the layout', error);
      this.source = undefined;
      return undefined;
    }
  }
}
