import type { RunEvent } from "../../core/event/event.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";

/**
 * Starts the workers of Kedro projects before their runs are due, as it takes seconds to import a project: of runs that are bound
 * to be executed when the session begins, and of those that wait for a run when that one is executed. A session in which
 * everything is reused starts none.
 */
export class WorkersAhead implements Reporter {
  readonly #expect: (task: KedroTask) => void;
  /** By run: the runs that need it, directly. */
  readonly #waiting = new Map<string, PlannedRun[]>();

  constructor(expect: (task: KedroTask) => void) {
    this.#expect = expect;
  }

  /** Before the runs of a plan are executed, but for those that have ended already. */
  begin({ runs }: Pick<Plan, "runs">, ended: ReadonlySet<string>): void {
    for (const planned of runs) {
      if (ended.has(planned.run)) continue;
      for (const upstream of planned.needs)
        this.#waiting.set(upstream, [...(this.#waiting.get(upstream) ?? []), planned]);
      if (isBound(planned)) this.#start(planned);
    }
  }

  onEvent(event: RunEvent): void {
    if (event.type === "run.started") this.#startAfter(event.run);
  }

  /** Each run is waited for once: after that, the workers are there. */
  #startAfter(run: string): void {
    const waiting = this.#waiting.get(run) ?? [];
    this.#waiting.delete(run);
    for (const planned of waiting) {
      this.#start(planned);
      this.#startAfter(planned.run);
    }
  }

  #start({ task }: PlannedRun): void {
    if (hasCatalog(task)) this.#expect(task);
  }
}

/** True if a run is executed even if its result is known. */
function isBound({ work, replay }: PlannedRun): boolean {
  if (replay !== undefined) return replay.action === "run";
  if (work === null) return true;
  return work.mode !== "only" && (work.fresh || work.obstacles.length > 0);
}
