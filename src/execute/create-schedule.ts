import { listUpstream } from "../core/select-reads.ts";
import type { Plan } from "../plan/plan.ts";
import { Schedule } from "./next-runs.ts";

/** The schedule of a plan. What its runs need from before the session needs no waiting for. */
export function createSchedule({ runs, onFailure, capacity }: Plan, maxParallel: number): Schedule {
  const names = new Set(runs.map(({ run }) => run));
  const scheduled = runs.map((planned) => {
    const { run, resources, policy } = planned;
    const { allowFailure, runOn } = policy;
    const needs = planned.needs.filter((name) => names.has(name));
    return { run, needs, consumes: listUpstream(planned), allowFailure, runOn, resources };
  });
  return new Schedule(scheduled, { maxParallel, capacity, onFailure });
}
