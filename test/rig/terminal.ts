import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { binPath, cliEnvironment } from "./cli.ts";
import { findTestPython } from "./test-python.ts";

interface Report {
  shown?: string;
  exit_code?: number;
  restored?: boolean;
}

interface TerminalOptions {
  cwd: string;
  env?: Record<string, string | undefined>;
  /** A program that starts the command line, given as its last words. */
  under?: string[];
}

/** The command line on a real terminal of 24 rows and 100 columns. */
export class TerminalCli {
  /** Everything that the terminal was sent so far. */
  shown = "";
  readonly pid: number;
  /** Negative for a signal. */
  readonly ended: Promise<{ exitCode: number; restored: boolean }>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Set<() => void>();
  #hasEnded = false;

  constructor(args: string[], { cwd, env = {}, under = [] }: TerminalOptions) {
    const script = join(import.meta.dirname, "terminal.py");
    const environment = cliEnvironment({ TERM: "xterm-256color", NO_COLOR: undefined, CI: undefined, ...env });
    this.#child = spawn(findTestPython(), [script, ...under, process.execPath, binPath(), ...args], {
      cwd,
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdin.on("error", () => {});
    this.ended = this.#follow();
  }

  press(keys: string): void {
    this.#child.stdin.write(`${JSON.stringify({ keys })}\n`);
  }

  /** Takes the terminal away, as a lost connection does. */
  hangUp(): void {
    this.#child.kill("SIGKILL");
  }

  /** Waits for the terminal to have shown something. */
  async shows(what: string | RegExp): Promise<void> {
    while (!(typeof what === "string" ? this.shown.includes(what) : what.test(this.shown))) {
      if (this.#hasEnded) throw new Error(`it ended without showing ${what}:\n${this.shown}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async #follow(): Promise<{ exitCode: number; restored: boolean }> {
    let last: Report = {};
    for await (const line of createInterface({ input: this.#child.stdout })) {
      last = JSON.parse(line) as Report;
      this.shown += last.shown ?? "";
      this.#wake();
    }
    this.#hasEnded = true;
    this.#wake();
    return { exitCode: last.exit_code ?? Number.NaN, restored: last.restored ?? false };
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
