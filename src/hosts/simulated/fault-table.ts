import type { AttemptFault, DurationRange, FaultRule } from "../../core/answer/fault.ts";
import type { Draw } from "./chance.ts";

type Strike = FaultRule & { kind: "strikes" };

interface RunFaults {
  strikes: Strike[];
  duration: DurationRange | null;
  factor: number;
  isStubborn: boolean;
}

/** Faults of one run in a fault script, looked up by its name. */
export class FaultTable {
  readonly #runs = new Map<string, RunFaults>();

  constructor(rules: readonly FaultRule[]) {
    for (const rule of rules) {
      if (!("runs" in rule)) continue;
      for (const run of rule.runs) this.#take(run, rule);
    }
  }

  /**
   * Returns the fault that strikes an attempt, counted from 1. Counted faults come one after the other in the order of
   * the script: `fails twice` and `hangs once` fail attempts 1 and 2 and hang the third. Where none of them strikes,
   * chance may.
   */
  strikeOn(run: string, attempt: number, draw: Draw): AttemptFault | null {
    let before = 0;
    let struck: AttemptFault | null = null;
    for (const { fault, often } of this.#runs.get(run)?.strikes ?? []) {
      if ("times" in often) {
        if (attempt > before && attempt <= before + often.times) return fault;
        before += often.times;
      } else if (draw() < often.chance) struck ??= fault;
    }
    return struck;
  }

  /** Null if the script does not say. */
  durationOf(run: string): DurationRange | null {
    return this.#runs.get(run)?.duration ?? null;
  }

  factorOf(run: string): number {
    return this.#runs.get(run)?.factor ?? 1;
  }

  isStubborn(run: string): boolean {
    return this.#runs.get(run)?.isStubborn ?? false;
  }

  #take(run: string, rule: Extract<FaultRule, { runs: readonly string[] }>): void {
    const faults = this.#runs.get(run) ?? { strikes: [], duration: null, factor: 1, isStubborn: false };
    this.#runs.set(run, faults);
    switch (rule.kind) {
      case "strikes":
        faults.strikes.push(rule);
        break;
      case "takes":
        faults.duration = rule.duration;
        break;
      case "slower":
        faults.factor *= rule.factor;
        break;
      case "stubborn":
        faults.isStubborn = true;
        break;
      default:
        rule satisfies never;
    }
  }
}
