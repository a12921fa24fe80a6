import type { Resources } from "../core/resources.ts";
import type { OnFailure, RunStatus, SkipReason } from "../core/run.ts";
import type { RunOn } from "../core/run-policy.ts";
import { Admission, type AdmissionLimits } from "./admission.ts";
import { describeCancelled, describeSkipped, type Ending, formatChain, type Verdict } from "./ending.ts";

/** The part of a planned run that decides when it may start. */
export interface ScheduledRun {
  run: string;
  needs: readonly string[];
  /** Runs of `needs` that it consumes from: a failed run is never consumed, allowed or not. */
  consumes: readonly string[];
  allowFailure: boolean;
  runOn: RunOn;
  /** Resources that the run takes while it runs. */
  resources: Resources;
}

/** Effects that the scheduler asks for. A run that is resolved is later admitted, skipped, cancelled or given up. */
export type ScheduleEffect =
  | { type: "resolve"; run: string }
  | { type: "admit"; run: string }
  | { type: "skip"; run: string; chain: SkipReason[]; reason: string }
  | { type: "cancel"; run: string }
  /** It has failed and was to be tried again: its failure stands. */
  | { type: "giveUp"; run: string; reason: string };

export type ScheduleEvent =
  /**
   * Start of the session, with the runs that an earlier process left: ended in plan order, under way, or to be tried
   * again.
   */
  | { type: "begin"; ended?: readonly SkipReason[]; underWay?: readonly string[]; tried?: readonly string[] }
  | { type: "queued"; run: string }
  /** An attempt has failed, and there is to be another: until then the run keeps no slot. */
  | { type: "retrying"; run: string }
  /** Whether or not it had started: one that still waits may be cancelled alone. */
  | { type: "ended"; run: string; status: RunStatus }
  /** Nothing starts until `continue`; what runs goes on. */
  | { type: "pause" }
  | { type: "continue" }
  | { type: "interrupt" }
  | { type: "kill" };

/** Reason why no more runs start, with few exceptions. */
type Closure =
  | { type: "open" }
  | { type: "fail-fast"; cause: SkipReason }
  | { type: "interrupted" }
  | { type: "killed" };

/** A run that has not been resolved yet. */
interface Waiting {
  /** Number of needed runs that have not ended. */
  unmet: number;
  /**
   * Reason why the run can't run though no run has failed; it is told when all needed runs have ended, as a failure
   * outweighs it.
   */
  obstacle: SkipReason[] | null;
  /** True if a needed run has failed. */
  hasFailed: boolean;
}

/**
 * Decides which runs start, wait, are skipped, cancelled or given up. Deterministic, without clock or I/O: the same events
 * give the same effects, so that the local host, a simulator and a resumed session decide alike. It owns its state and
 * changes it in place, since a copy per event would make 100,000 runs quadratic.
 */
export class Schedule {
  readonly #onFailure: OnFailure;
  readonly #runs: ReadonlyMap<string, ScheduledRun>;
  readonly #dependants = new Map<string, string[]>();
  /** Waiting runs in plan order. */
  readonly #waiting = new Map<string, Waiting>();
  /** Resolved runs that wait for their turn, and those that run. */
  readonly #admission: Admission;
  /** Runs between two attempts, and those that have had more than one. */
  readonly #retrying = new Set<string>();
  readonly #tried = new Set<string>();
  /** Runs whose end has not been told to their dependants. */
  readonly #open = new Set<string>();
  #closure: Closure = { type: "open" };

  constructor(runs: readonly ScheduledRun[], options: AdmissionLimits & { onFailure: OnFailure }) {
    this.#admission = new Admission(options);
    this.#onFailure = options.onFailure;
    this.#runs = new Map(runs.map((scheduled) => [scheduled.run, scheduled]));
    for (const { run, needs, resources } of runs) {
      this.#open.add(run);
      this.#admission.expect(run, resources);
      this.#waiting.set(run, { unmet: needs.length, obstacle: null, hasFailed: false });
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
        return this.#begin(event);
      case "queued":
        return this.#enqueue(event.run);
      case "retrying":
        return this.#release(event.run);
      case "ended":
        return this.#end(event.run, event.status);
      case "pause":
        return this.#pause(true);
      case "continue":
        return this.#pause(false);
      case "interrupt":
        return this.#closure.type === "killed" ? [] : [...this.#close({ type: "interrupted" }), ...this.#admit()];
      case "kill":
        return this.#close({ type: "killed" });
      default:
        return event satisfies never;
    }
  }

  /** Returns the reason why the run may not start, or start again; null if it may. */
  findRefusal(run: string): string | null {
    const runOn = this.#runs.get(run)?.runOn ?? "success";
    const closure = this.#closure;
    switch (closure.type) {
      case "open":
        return null;
      case "fail-fast":
        return runOn === "success" ? `${closure.cause.run} failed, and on_failure is fail-fast` : null;
      case "interrupted":
        return runOn === "always" ? null : "interrupted";
      case "killed":
        return "interrupted";
      default:
        return closure satisfies never;
    }
  }

  #begin({ ended = [], underWay = [], tried = [] }: ScheduleEvent & { type: "begin" }): ScheduleEffect[] {
    for (const run of tried) this.#tried.add(run);
    for (const run of underWay) {
      this.#waiting.delete(run);
      this.#admission.hold(run);
    }
    const restored = this.#restore(ended);
    const ready = [...this.#waiting].filter(([, { unmet }]) => unmet === 0);
    const effects = ready.map(([run, waiting]) => this.#start(run, waiting));
    const skipped = effects.filter((effect) => effect.type === "skip");
    const settled = this.#settle(skipped.map((effect) => describeSkipped(effect, false)));
    return this.#withhold([...restored, ...effects, ...settled]);
  }

  /** Follows up the ends of runs that an earlier process has seen. */
  #restore(ended: readonly SkipReason[]): ScheduleEffect[] {
    for (const { run } of ended) this.#waiting.delete(run);
    const verdicts = new Map<string, Verdict>();
    const endings = ended.map(({ run, status }): Ending => {
      const isFollowUp =
        status === "skipped" && this.#runs.get(run)?.needs.some((need) => verdicts.get(need) === "failed");
      const verdict = isFollowUp ? "failed" : this.#judge(run, status);
      verdicts.set(run, verdict);
      return { run, verdict, chain: [{ run, status }] };
    });
    const cause = ended.find(({ run, status }) => status === "failed" && verdicts.get(run) === "failed");
    if (cause !== undefined && this.#onFailure === "fail-fast") {
      this.#closure = { type: "fail-fast", cause: { run: cause.run, status: cause.status } };
    }
    return this.#settle(endings);
  }

  /** Leaves out runs that may not start any more, in a session that had closed before. */
  #withhold(effects: readonly ScheduleEffect[]): ScheduleEffect[] {
    if (this.#closure.type === "open") return [...effects];
    const mayStart = ({ type, run }: ScheduleEffect) => type !== "resolve" || this.findRefusal(run) === null;
    const withheld = effects.filter((effect) => !mayStart(effect)).map(({ run }) => run);
    return [...effects.filter(mayStart), ...this.#drop(withheld), ...this.#close(this.#closure)];
  }

  #enqueue(run: string): ScheduleEffect[] {
    this.#retrying.delete(run);
    if (this.findRefusal(run) !== null) return this.#drop([run]);
    this.#admission.enqueue(run);
    return this.#admit();
  }

  #release(run: string): ScheduleEffect[] {
    this.#admission.release(run);
    this.#retrying.add(run);
    this.#tried.add(run);
    return this.#admit();
  }

  #admit(): ScheduleEffect[] {
    return this.#admission.admit().map((run) => ({ type: "admit", run }));
  }

  #pause(isPaused: boolean): ScheduleEffect[] {
    this.#admission.pause(isPaused);
    return this.#admit();
  }

  #end(run: string, status: RunStatus): ScheduleEffect[] {
    this.#leave(run);
    const cause = { run, status };
    const verdict = this.#judge(run, status);
    const effects = this.#settle([{ run, verdict, chain: [cause] }]);
    const closes = verdict === "failed" && this.#onFailure === "fail-fast" && this.#closure.type === "open";
    return [...effects, ...(closes ? this.#close({ type: "fail-fast", cause }) : []), ...this.#admit()];
  }

  #judge(run: string, status: RunStatus): Verdict {
    if (status === "success" || status === "reused") return "done";
    if (status !== "failed") return "idle";
    return this.#runs.get(run)?.allowFailure === true ? "tolerated" : "failed";
  }

  /** Tells the dependants of runs that have ended, and theirs, if they can't run because of it; nearest first. */
  #settle(endings: Ending[]): ScheduleEffect[] {
    const effects: ScheduleEffect[] = [];
    for (const ending of endings) {
      if (!this.#open.delete(ending.run)) continue;
      for (const dependant of this.#dependants.get(ending.run) ?? []) {
        const waiting = this.#waiting.get(dependant);
        if (waiting === undefined) continue;
        waiting.unmet -= 1;
        const effect = this.#meet(dependant, waiting, ending);
        if (effect === null) continue;
        effects.push(effect);
        if (effect.type === "skip") endings.push(describeSkipped(effect, waiting.hasFailed));
      }
    }
    return effects;
  }

  /** Decides on a waiting run now that one of its needed runs has ended. */
  #meet(run: string, waiting: Waiting, { run: upstream, verdict, chain }: Ending): ScheduleEffect | null {
    const { runOn = "success", consumes = [] } = this.#runs.get(run) ?? {};
    waiting.hasFailed ||= verdict === "failed";
    if (runOn === "success") {
      if (verdict === "failed") return this.#skip(run, chain, formatChain(chain));
      if (verdict === "idle" || (verdict === "tolerated" && consumes.includes(upstream))) waiting.obstacle ??= chain;
    }
    return waiting.unmet > 0 ? null : this.#start(run, waiting);
  }

  /** Resolves a run that has no more runs to wait for, or skips it after all. */
  #start(run: string, { obstacle, hasFailed }: Waiting): ScheduleEffect {
    if (obstacle !== null) return this.#skip(run, obstacle, formatChain(obstacle));
    const isIdle = this.#runs.get(run)?.runOn === "failure" && !hasFailed;
    if (isIdle) return this.#skip(run, [], "nothing that it waits for has failed");
    this.#waiting.delete(run);
    return { type: "resolve", run };
  }

  #skip(run: string, chain: SkipReason[], reason: string): ScheduleEffect & { type: "skip" } {
    this.#waiting.delete(run);
    return { type: "skip", run, chain, reason };
  }

  #leave(run: string): void {
    this.#admission.release(run);
    this.#retrying.delete(run);
    this.#waiting.delete(run);
  }

  /**
   * Closes the schedule: ends all runs without a runner that may not start any more. A stopped session is awaited to
   * its end, so that runs with `run_on: always` start even if it was paused.
   */
  #close(closure: Closure): ScheduleEffect[] {
    this.#closure = closure;
    if (closure.type !== "fail-fast") this.#admission.pause(false);
    const idle = [...this.#admission.waiting, ...this.#retrying, ...this.#waiting.keys()];
    return this.#drop(idle.filter((run) => this.findRefusal(run) !== null));
  }

  #drop(runs: readonly string[]): ScheduleEffect[] {
    for (const run of runs) this.#leave(run);
    const effects = runs.map((run) => this.#refuse(run));
    // Runs that are given up have their failure still to be reported.
    const endings = effects.flatMap((effect) => {
      if (effect.type === "cancel") return [describeCancelled(effect.run)];
      return effect.type === "skip" ? [describeSkipped(effect, true)] : [];
    });
    return [...effects, ...this.#settle(endings)];
  }

  #refuse(run: string): ScheduleEffect {
    const closure = this.#closure;
    const refusal = this.findRefusal(run);
    if (closure.type !== "fail-fast") return { type: "cancel", run };
    if (this.#tried.has(run)) return { type: "giveUp", run, reason: `not tried again: ${refusal}` };
    return { type: "skip", run, chain: [closure.cause], reason: `not started: ${refusal}` };
  }
}
