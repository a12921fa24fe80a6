import type { OnFailure, RunStatus, SkipReason } from "../core/run.ts";

/** The part of a planned run that decides when it may start. */
export interface ScheduledRun {
  run: string;
  needs: readonly string[];
}

/** What the scheduler wants done. A run that is resolved is later admitted, skipped or cancelled. */
export type ScheduleEffect =
  | { type: "resolve"; run: string }
  | { type: "admit"; run: string }
  | { type: "skip"; run: string; chain: SkipReason[]; reason: string }
  | { type: "cancel"; run: string };

export type ScheduleEvent =
  | { type: "begin" }
  | { type: "queued"; run: string }
  | { type: "ended"; run: string; status: RunStatus }
  | { type: "interrupt" };

/** Why nothing more starts. */
type Closure = { type: "open" } | { type: "fail-fast"; cause: SkipReason } | { type: "interrupted" };

/** A longer chain keeps its beginning and its root: a failure at the head of 100,000 runs would need 5e9 links. */
const CHAIN_LIMIT = 8;

/**
 * Decides which runs start, wait, are skipped or cancelled. Deterministic, without clock or I/O: the same events give the
 * same effects, so that the local host, a simulator and a resumed session decide alike. It owns its state and changes it in
 * place, since a copy per event would make 100,000 runs quadratic.
 */
export class Schedule {
  readonly #maxParallel: number;
  readonly #onFailure: OnFailure;
  readonly #dependants = new Map<string, string[]>();
  /** Runs that have not been resolved yet, in plan order, with the number of upstream runs that they still need. */
  readonly #waiting = new Map<string, number>();
  /** Resolved runs that wait for a slot, first come first served. */
  readonly #queue = new Set<string>();
  readonly #running = new Set<string>();
  #closure: Closure = { type: "open" };

  constructor(runs: readonly ScheduledRun[], options: { maxParallel: number; onFailure: OnFailure }) {
    this.#maxParallel = options.maxParallel;
    this.#onFailure = options.onFailure;
    for (const { run, needs } of runs) {
      this.#waiting.set(run, needs.length);
      for (const upstream of needs) {
        const dependants = this.#dependants.get(upstream);
        if (dependants === undefined) this.#dependants.set(upstream, [run]);
        else dependants.push(run);
      }
    }
  }

  next(event: ScheduleEvent): ScheduleEffect[] {
    switch (event.type) {
      case "begin":
        return [...this.#waiting].filter(([, unmet]) => unmet === 0).map(([run]) => this.#resolve(run));
      case "queued":
        return this.#enqueue(event.run);
      case "ended":
        return this.#end(event.run, event.status);
      case "interrupt":
        this.#closure = { type: "interrupted" };
        return this.#drain();
      default:
        return event satisfies never;
    }
  }

  #resolve(run: string): ScheduleEffect {
    this.#waiting.delete(run);
    return { type: "resolve", run };
  }

  #enqueue(run: string): ScheduleEffect[] {
    this.#queue.add(run);
    return this.#closure.type === "open" ? this.#admit() : this.#drain();
  }

  #admit(): ScheduleEffect[] {
    const effects: ScheduleEffect[] = [];
    for (const run of this.#queue) {
      if (this.#running.size >= this.#maxParallel) break;
      this.#queue.delete(run);
      this.#running.add(run);
      effects.push({ type: "admit", run });
    }
    return effects;
  }

  #end(run: string, status: RunStatus): ScheduleEffect[] {
    this.#running.delete(run);
    if (status === "success" || status === "reused") return [...this.#release(run), ...this.#admit()];
    const skips = this.#skipDependants({ run, status });
    if (status === "failed" && this.#onFailure === "fail-fast" && this.#closure.type === "open") {
      this.#closure = { type: "fail-fast", cause: { run, status } };
    }
    return [...skips, ...(this.#closure.type === "open" ? this.#admit() : this.#drain())];
  }

  /** The dependants for which `run` was the last that they needed. */
  #release(run: string): ScheduleEffect[] {
    const effects: ScheduleEffect[] = [];
    for (const dependant of this.#dependants.get(run) ?? []) {
      const unmet = this.#waiting.get(dependant);
      if (unmet === undefined) continue;
      this.#waiting.set(dependant, unmet - 1);
      if (unmet === 1) effects.push(this.#resolve(dependant));
    }
    return effects;
  }

  /** Everything that can't run any more because of `cause`, nearest first, each with its chain of reasons. */
  #skipDependants(cause: SkipReason): ScheduleEffect[] {
    const effects: ScheduleEffect[] = [];
    const chains: { run: string; chain: SkipReason[] }[] = [{ run: cause.run, chain: [cause] }];
    for (const { run, chain } of chains) {
      for (const dependant of this.#dependants.get(run) ?? []) {
        if (!this.#waiting.delete(dependant)) continue;
        effects.push({ type: "skip", run: dependant, chain, reason: tellChain(chain) });
        chains.push({ run: dependant, chain: lengthenChain({ run: dependant, status: "skipped" }, chain) });
      }
    }
    return effects;
  }

  /** Ends everything that has not started. */
  #drain(): ScheduleEffect[] {
    const runs = [...this.#queue, ...this.#waiting.keys()];
    this.#queue.clear();
    this.#waiting.clear();
    const closure = this.#closure;
    if (closure.type !== "fail-fast") return runs.map((run) => ({ type: "cancel", run }));
    const reason = `not started: ${closure.cause.run} failed, and on_failure is fail-fast`;
    return runs.map((run) => ({ type: "skip", run, chain: [closure.cause], reason }));
  }
}

function lengthenChain(link: SkipReason, chain: SkipReason[]): SkipReason[] {
  if (chain.length < CHAIN_LIMIT) return [link, ...chain];
  return [link, ...chain.slice(0, CHAIN_LIMIT - 2), ...chain.slice(-1)];
}

function tellChain(chain: SkipReason[]): string {
  return chain.map(({ run, status }) => `${run} ${status === "failed" ? "" : "was "}${status}`).join(" because ");
}
