import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

interface Message {
  hello?: string;
  pid?: number;
  args?: string[];
  done?: boolean;
  signal?: string;
  value?: unknown;
}

/** A child that does what the test says. */
export class ObedientChild {
  readonly pid: number;
  readonly args: string[];
  /** Resolves when the process is gone: its socket closes with it. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #answers: PromiseWithResolvers<Message>[] = [];
  readonly #signals: PromiseWithResolvers<string>[] = [];

  constructor(socket: Socket, hello: Message) {
    this.pid = hello.pid ?? 0;
    this.args = hello.args ?? [];
    this.#socket = socket;
    this.gone = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  async tell(order: { do: string; [key: string]: unknown }): Promise<unknown> {
    const answer = Promise.withResolvers<Message>();
    this.#answers.push(answer);
    this.#socket.write(`${JSON.stringify(order)}\n`);
    return (await answer.promise).value;
  }

  /** The next signal that it was told to ignore. */
  nextSignal(): Promise<string> {
    const signal = Promise.withResolvers<string>();
    this.#signals.push(signal);
    return signal.promise;
  }

  take(message: Message): void {
    if (message.signal !== undefined) this.#signals.shift()?.resolve(message.signal);
    else this.#answers.shift()?.resolve(message);
  }
}

/** Where obedient children report. Tests wait for what a child says, and never sleep. */
export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), "runweave-rig-"));
  readonly #socketPath = join(this.folder, "socket");
  readonly #children = new Map<string, PromiseWithResolvers<ObedientChild>>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((socket) => this.#welcome(socket)).listen(this.#socketPath);
  }

  /** The command line of a child of this name. */
  command(name: string, ...args: string[]): string[] {
    return [
      process.execPath,
      fileURLToPath(new URL("./obedient-child.mjs", import.meta.url)),
      this.#socketPath,
      name,
      ...args,
    ];
  }

  /** Waits for the child of this name to say hello. */
  child(name: string): Promise<ObedientChild> {
    return this.#expected(name).promise;
  }

  /** From now on `child` waits for another child of this name. */
  forget(name: string): void {
    this.#children.delete(name);
  }

  /** Whether it has said hello by now. */
  async hasStarted(name: string): Promise<boolean> {
    return (await Promise.race([this.child(name), Promise.resolve(null)])) !== null;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #expected(name: string): PromiseWithResolvers<ObedientChild> {
    const found = this.#children.get(name) ?? Promise.withResolvers<ObedientChild>();
    this.#children.set(name, found);
    return found;
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    let child: ObedientChild | null = null;
    createInterface({ input: socket }).on("line", (line) => {
      const message = JSON.parse(line) as Message;
      if (message.hello === undefined) return child?.take(message);
      child = new ObedientChild(socket, message);
      this.#expected(message.hello).resolve(child);
    });
  }
}
