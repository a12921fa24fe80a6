import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, inject } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { checkAnswers } from "./check-answers.ts";
import { TEST_KEYS } from "./test-keys.ts";

export interface CliOptions {
  cwd?: string;
  /** Over the usual environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  /** The user to run as. */
  uid?: number;
}

export interface CliResult {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const running = new Set<ChildProcess>();

/** What a failed test left waiting ends with its file. */
afterAll(() => {
  for (const child of running) child.kill("SIGTERM");
});

/** The built command line, as installed. */
export function binPath(): string {
  return join(inject("packageFolder"), "bin/runweave.js");
}

/** Runs the built command line to its end. */
export function runCli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).result;
}

/** Runs a command that prints JSON. */
export async function runJson<T>(
  args: string[],
  options: CliOptions = {},
): Promise<{ exitCode: number | null; value: T }> {
  const { exitCode, stdout, stderr } = await runCli([...args, "--json"], options);
  try {
    return { exitCode, value: JSON.parse(stdout) as T };
  } catch (error) {
    throw new Error(`no JSON: exit code ${exitCode}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Runs a command that prints a list as JSON: `sessions`, `runs` or `errors`. */
export async function runList<T>(
  args: string[],
  options: CliOptions = {},
): Promise<{ exitCode: number | null; value: T[] }> {
  const { exitCode, value } = await runJson<{ type: string } & Record<string, T[]>>(args, options);
  return { exitCode, value: value[value.type] ?? [] };
}

/** Runs a workflow file with `--json`. */
export async function runEvents(
  file: string,
  options: CliOptions & { args?: string[] } = {},
): Promise<{ exitCode: number | null; events: RunEvent[]; stderr: string }> {
  const { exitCode, stdout, stderr } = await runCli(["run", file, "--json", ...(options.args ?? [])], options);
  return { exitCode, events: parseLines(stdout), stderr };
}

/** The command line under way. */
export class RunningCli {
  readonly pid: number;
  readonly result: Promise<CliResult>;
  readonly #args: readonly string[];
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #hasEnded = false;

  constructor(args: readonly string[], child: ChildProcess) {
    this.#args = args;
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.result = this.#collect();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The first event of `run --json` of this type, past or to come. */
  event<T extends RunEvent["type"]>(type: T): Promise<Extract<RunEvent, { type: T }>> {
    const isWanted = (event: RunEvent): event is Extract<RunEvent, { type: T }> => event.type === type;
    return this.#until(type, () => parseLines(this.#lines.join("\n")).find(isWanted));
  }

  /** Waits for a line on stdout. */
  line(text: string): Promise<string> {
    return this.#until(text, () => this.#lines.find((line) => line === text));
  }

  async #until<T>(what: string, find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#hasEnded) throw new Error(`it ended without ${what}: ${JSON.stringify(await this.result)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async #collect(): Promise<CliResult> {
    const { stdout: out, stderr: err } = this.#child;
    let [stdout, stderr] = ["", ""];
    out?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    err?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    if (out !== null) createInterface({ input: out }).on("line", (line) => this.#take(line));
    const { promise, resolve, reject } = Promise.withResolvers<CliResult>();
    this.#child.once("error", reject);
    this.#child.once("close", (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
    const result = await promise;
    this.#hasEnded = true;
    this.#wake();
    checkAnswers(this.#args, stdout);
    return result;
  }

  #take(line: string): void {
    this.#lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

export function startCli(args: string[], { cwd, env = {}, uid }: CliOptions = {}): RunningCli {
  const child = spawn(process.execPath, [binPath(), ...args], {
    cwd,
    env: cliEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return new RunningCli(args, child);
}

/** The environment of the tests without what says how runweave behaves, and with this Node first. */
export function cliEnvironment(over: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(RUNWEAVE_|VITEST|NODE_|FORCE_COLOR|_$)/.test(name),
  );
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const whole = { ...Object.fromEntries(inherited), RUNWEAVE_KEYS: TEST_KEYS, PATH: path, ...over };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}

export function parseLines(text: string): RunEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunEvent);
}
