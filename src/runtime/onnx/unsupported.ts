import type { Node } from '../../graph/node';
import type { Value } from '../value';

/** ONNX Runtime cannot compute this graph as it is defined; the embedded executor can. */
export class UnsupportedByOnnx extends Error {
  readonly op: string;
  readonly node: Node;

  /** `reason` continues "op: ", in one sentence. */
  constructor({ op, node }: Value, reason: string) {
    super(`ONNX Runtime does not compute this graph: ${op}: ${reason}`);
    this.name = 'UnsupportedByOnnx';
    this.op = op;
    this.node = node;
  }
}
