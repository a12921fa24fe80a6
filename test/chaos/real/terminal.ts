import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Campaign } from "../trial.ts";
import { describeHang } from "./describe-hang.ts";
import { baseEnvironment } from "./orchestrator.ts";
import type { TrialFolder } from "./trial-folder.ts";

const SCRIPT = join(import.meta.dirname, "../../rig/terminal.py");

interface Report {
  shown?: string;
  exit_code?: number;
  restored?: boolean;
}

export interface TerminalEnd {
  /** Negative for a signal. */
  exitCode: number | null;
  /** Whether the terminal's settings are what they were; null if the terminal itself went away. */
  restored: boolean | null;
  shown: string;
  /** It had to be taken away, as it would not end: what it was doing; else null. */
  hang: string | null;
}

/** A session on a real terminal. */
export class TerminalSession {
  readonly ended: Promise<TerminalEnd>;
  readonly #child;
  #shown = "";
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor(trial: TrialFolder, { packageFolder }: Pick<Campaign, "packageFolder">) {
    const { folder, file, state, marked } = trial;
    const bin = join(packageFolder, "bin/runweave.js");
    const args = [SCRIPT, process.execPath, bin, "run", file, "--registry", state];
    const env = { ...baseEnvironment(), ...marked.environment, TERM: "xterm-256color", CI: undefined };
    this.#child = spawn("python3", args, { cwd: folder, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin.on("error", () => {});
    this.ended = this.#follow(trial);
  }

  press(keys: string): void {
    this.#child.stdin.write(`${JSON.stringify({ keys })}\n`);
  }

  /** Takes the terminal away, as a lost connection does: its session gets SIGHUP. */
  hangUp(): void {
    this.#child.kill("SIGKILL");
  }

  /** Waits until it has shown this, or has ended. */
  async shows(text: string): Promise<boolean> {
    while (!this.#shown.includes(text)) {
      if (this.#isOver) return false;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return true;
  }

  async #follow(trial: TrialFolder): Promise<TerminalEnd> {
    let last: Report = {};
    let hang: string | null = null;
    const impatience = setTimeout(() => {
      hang = describeHang(this.#child.pid ?? 0, trial);
      this.hangUp();
    }, trial.limitMs);
    for await (const line of createInterface({ input: this.#child.stdout })) {
      last = JSON.parse(line) as Report;
      this.#shown += last.shown ?? "";
      this.#wake();
    }
    clearTimeout(impatience);
    this.#isOver = true;
    this.#wake();
    return { exitCode: last.exit_code ?? null, restored: last.restored ?? null, shown: this.#shown, hang };
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
