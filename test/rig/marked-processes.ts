import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const VARIABLE = "E2E_MARK";
const LIMIT_MS = 120_000;

/** Finds every process that was started with a mark in its environment, whoever its parent is by now. */
export class MarkedProcesses {
  readonly #mark = randomUUID();
  readonly environment = { [VARIABLE]: this.#mark };

  /** `PID COMMAND LINE` of each that is alive. */
  list(): string[] {
    return this.#read().map(({ pid, argv }) => `${pid} ${argv.join(" ")}`);
  }

  /** The pids of those whose command line is like this, word by word: a word may hold blanks. */
  find(isWanted: (argv: readonly string[]) => boolean): number[] {
    return this.#read().flatMap(({ pid, argv }) => (isWanted(argv) ? [pid] : []));
  }

  /** What is left after at most `limitMs`, which ends what hangs and no more: nothing, as soon as there is nothing. */
  async remaining(limitMs = LIMIT_MS): Promise<string[]> {
    for (const end = performance.now() + limitMs; performance.now() < end; await delay(20)) {
      if (this.list().length === 0) return [];
    }
    return this.list();
  }

  /** The pids of the direct children of a process. */
  childrenOf(parent: number): number[] {
    return this.find(() => true).filter((pid) => this.#parentOf(pid) === parent);
  }

  #parentOf(pid: number): number | null {
    try {
      // `PID (name) state ppid ...`, where the name may hold anything.
      const [, ppid] = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return Number(ppid);
    } catch {
      // It has ended meanwhile.
      return null;
    }
  }

  #read(): { pid: number; argv: string[] }[] {
    const names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return names.flatMap((pid) => this.#describe(pid));
  }

  #describe(pid: string): { pid: number; argv: string[] }[] {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${VARIABLE}=${this.#mark}`)) return [];
      return [{ pid: Number(pid), argv: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") }];
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
      return [];
    }
  }
}
