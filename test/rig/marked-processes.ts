import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const VARIABLE = "E2E_MARK";

/** Finds every process that was started with a mark in its environment, whoever its parent is by now. */
export class MarkedProcesses {
  readonly #mark = randomUUID();
  readonly environment = { [VARIABLE]: this.#mark };

  /** `PID COMMAND LINE` of each that is alive. */
  list(): string[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => this.#describe(pid));
  }

  /** What is left after at most `limitMs`: nothing, as soon as there is nothing. */
  async remaining(limitMs: number): Promise<string[]> {
    for (const end = performance.now() + limitMs; performance.now() < end; await delay(20)) {
      if (this.list().length === 0) return [];
    }
    return this.list();
  }

  /** The pids of the direct children of a process. */
  childrenOf(parent: number): number[] {
    const pids = this.list().map((line) => Number(line.split(" ")[0]));
    return pids.filter((pid) => this.#parentOf(pid) === parent);
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

  #describe(pid: string): string[] {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${VARIABLE}=${this.#mark}`)) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`];
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
      return [];
    }
  }
}
