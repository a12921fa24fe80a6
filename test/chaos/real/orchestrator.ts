import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readStat } from "../../../src/processes/identity.ts";
import { TEST_KEYS } from "../../rig/test-keys.ts";
import { describeHang } from "./describe-hang.ts";
import type { TrialFolder } from "./trial-folder.ts";

export interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** It had to be killed, as it would not end: what it was doing; else null. */
  hang: string | null;
}

const POLL_MS = 5;

export interface OrchestratorOptions {
  packageFolder: string;
  args: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** For Node itself, before the program. */
  nodeArgs?: readonly string[];
  /** Default: the trial's. More for one that is stopped while others work. */
  limitMs?: number;
}

/** The command line as a process of its own, on a workload. */
export class Orchestrator {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = "";
  readonly #watchers = new Set<() => void>();
  #hasEnded = false;
  readonly #trial: TrialFolder;

  constructor(trial: TrialFolder, options: OrchestratorOptions) {
    this.#trial = trial;
    const { folder, state, marked } = trial;
    const { packageFolder, args, environment = {}, nodeArgs = [], limitMs = trial.limitMs } = options;
    const bin = join(packageFolder, "bin/runweave.js");
    this.#child = spawn(process.execPath, [...nodeArgs, bin, ...args, "--registry", state], {
      cwd: folder,
      env: { ...baseEnvironment(), ...marked.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.pid = this.#child.pid ?? 0;
    this.ended = this.#collect(limitMs);
  }

  /** True if it was alive. */
  signal(signal: NodeJS.Signals): boolean {
    return !this.#hasEnded && this.#child.kill(signal);
  }

  /** Waits until its output holds this, or it has ended. */
  shows(text: string): Promise<boolean> {
    return this.#awaitOutput(() => this.#stdout.includes(text));
  }

  /** Waits until it has printed so many lines, or has ended. */
  prints(lines: number): Promise<boolean> {
    return this.#awaitOutput(() => this.#stdout.split("\n").length > lines);
  }

  /** Waits until it has printed a line like this, or has ended. */
  printsLine(isWanted: (line: string) => boolean): Promise<boolean> {
    return this.#awaitOutput(() => this.#stdout.split("\n").some(isWanted));
  }

  /** Waits until it has stopped itself, or has ended without coming to that. */
  async stops(): Promise<void> {
    await this.until(() => readStat(this.pid)?.state === "T");
  }

  /** Waits until something is so that does not show in its output, or it has ended. */
  async until(isSo: () => boolean): Promise<void> {
    while (!this.#hasEnded && !isSo()) await delay(POLL_MS);
  }

  async #awaitOutput(condition: () => boolean): Promise<boolean> {
    while (!condition()) {
      if (this.#hasEnded) return false;
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
    return true;
  }

  async #collect(limitMs: number): Promise<Ended> {
    let stderr = "";
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const { promise, resolve, reject } = Promise.withResolvers<Ended>();
    this.#child.once("error", reject);
    // Its pipes may be held open by children that outlive it: what counts is its own end.
    this.#child.once("exit", (exitCode, signal) => {
      setImmediate(() => resolve({ exitCode, signal, stdout: this.#stdout, stderr, hang: null }));
    });
    let hang: string | null = null;
    const impatience = setTimeout(() => {
      hang = describeHang(this.pid, this.#trial);
      this.#child.kill("SIGKILL");
    }, limitMs);
    const ended = await promise;
    clearTimeout(impatience);
    this.#hasEnded = true;
    this.#wake();
    return { ...ended, hang };
  }

  #wake(): void {
    for (const resolve of this.#watchers) resolve();
    this.#watchers.clear();
  }
}

/** Without what says how runweave behaves, and with this Node first. */
export function baseEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(RUNWEAVE_|VITEST|NODE_|FORCE_COLOR|_$)/.test(name),
  );
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return {
    ...Object.fromEntries(inherited),
    RUNWEAVE_KEYS: TEST_KEYS,
    PATH: path,
    NO_COLOR: "1",
    KEDRO_DISABLE_TELEMETRY: "1",
  };
}
