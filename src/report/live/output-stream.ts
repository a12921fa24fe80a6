import type { Writable } from "node:stream";

/** stdout or stderr; the sizes are there if it is a terminal. */
export type OutputStream = Writable & { columns?: number; rows?: number };

/** Output of a reporter. Never throws: a reader that goes away ends the output, not the session. */
export interface Sink {
  write(text: string): void;
}

const READER_GONE: ReadonlySet<string | undefined> = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/** Sinks by their streams: the sessions of a command follow each other on one stream, and each opens it. */
const SINKS = new WeakMap<OutputStream, Sink>();

/**
 * Writes to `stream` until that fails; `warn` hears of it once, unless it is only that the reader went away. A stream
 * that was opened before has its sink, with the `warn` of that time.
 */
export function openSink(stream: OutputStream, warn: (message: string) => void): Sink {
  const known = SINKS.get(stream);
  if (known !== undefined) return known;
  let broken = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (!broken && !READER_GONE.has(error.code)) warn(`output lost: ${error.message}`);
    broken = true;
  });
  const sink: Sink = {
    write(text) {
      if (!broken && stream.writable) stream.write(text);
    },
  };
  SINKS.set(stream, sink);
  return sink;
}

/** Warns on `stderr`, which may itself be gone. */
export function openWarnings(stderr: OutputStream): (message: string) => void {
  const sink = openSink(stderr, () => {});
  return (message) => sink.write(`runweave: ${message}\n`);
}
