import { Writable } from "node:stream";

/** A stream that remembers what was written to it, with the size of a terminal if it is given one. */
export class CaptureStream extends Writable {
  columns?: number;
  rows?: number;
  readonly chunks: string[] = [];
  onText: (text: string) => void = () => {};

  constructor(size: { columns?: number; rows?: number } = {}) {
    super({ decodeStrings: false });
    Object.assign(this, size);
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    this.onText(chunk);
    done();
  }

  get text(): string {
    return this.chunks.join("");
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}
