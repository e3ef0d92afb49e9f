/** The library was there and could not do what it was asked to; the message is one sentence. */
export class OnnxFailure extends Error {
  constructor(error: unknown) {
    const message = error instanceof Error ? error.message : String(error);
    // Before these words stand places in the library's own sources.
    const [sentence] = message.replace(/^.*(Status Message: | was false\. )/s, '').split('\n');
    super(`ONNX Runtime: ${sentence!.trim()}`);
    this.name = 'OnnxFailure';
  }
}
