import type { Duplex } from "node:stream";
import { parseReply, parseWorkerEvent, type Reply, type WorkerEvent } from "./control-messages.ts";

const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

/** The other side is gone, or sent a message outside the protocol. No request will be answered any more. */
export class ChannelClosedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ChannelClosedError";
  }
}

export interface ChannelHandlers {
  onEvent(event: WorkerEvent): void;
  /** Called once, with the reason: the other side's end, our own, or a message that can't be understood. */
  onClose(reason: ChannelClosedError): void;
}

/** Requests and replies over a socket, as lines of JSON. A line that can't be parsed closes it. */
export class ControlChannel {
  readonly #socket: Duplex;
  readonly #handlers: ChannelHandlers;
  readonly #waiting = new Map<number, PromiseWithResolvers<Reply>>();
  #chunks: Buffer[] = [];
  #pendingBytes = 0;
  #lastId = 0;
  #closed: ChannelClosedError | null = null;

  constructor(socket: Duplex, handlers: ChannelHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("end", () => this.#close("the worker closed its control channel"));
    socket.on("close", () => this.#close("the worker closed its control channel"));
    socket.on("error", (error) => this.#close(`the control channel broke: ${error.message}`));
  }

  /** Rejects with ChannelClosedError if no reply can come. */
  request(op: string, fields: Record<string, unknown>): Promise<Reply> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const id = ++this.#lastId;
    const line = `${JSON.stringify({ id, op, ...fields })}\n`;
    if (Buffer.byteLength(line) > MAX_LINE_BYTES)
      return Promise.reject(new RangeError(`the ${op} request is too large`));
    const reply = Promise.withResolvers<Reply>();
    this.#waiting.set(id, reply);
    this.#socket.write(line);
    return reply.promise;
  }

  /** Tells the worker that there is no more work. */
  close(): void {
    this.#socket.end();
    this.#close("the control channel was closed");
  }

  /** Waits for no answer any more, from one that gives none. */
  abandon(why: string): void {
    this.#close(why);
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end !== -1 && this.#closed === null; end = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...this.#chunks, rest.subarray(0, end)]);
      this.#chunks = [];
      this.#pendingBytes = 0;
      rest = rest.subarray(end + 1);
      if (line.length > 0) this.#handle(line);
    }
    this.#chunks.push(rest);
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes > MAX_LINE_BYTES) this.#giveUp("a message of more than 64 MiB");
  }

  #handle(line: Buffer): void {
    const message = parseJson(line);
    const reply = parseReply(message);
    if (reply !== null) {
      this.#waiting.get(reply.id)?.resolve(reply);
      this.#waiting.delete(reply.id);
      return;
    }
    const event = parseWorkerEvent(message);
    if (event === null) this.#giveUp(`a message that is none: ${line.toString("utf8", 0, 100)}`);
    else this.#handlers.onEvent(event);
  }

  #giveUp(what: string): void {
    this.#close(`the worker sent ${what}`);
    this.#socket.destroy();
  }

  #close(message: string): void {
    if (this.#closed !== null) return;
    this.#closed = new ChannelClosedError(message);
    this.#chunks = [];
    for (const { reject } of this.#waiting.values()) reject(this.#closed);
    this.#waiting.clear();
    this.#handlers.onClose(this.#closed);
  }
}

function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}
