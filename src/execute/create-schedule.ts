import type { Plan } from "../plan/plan.ts";
import { Schedule } from "./next-runs.ts";

/** The schedule of a plan. What its runs need from before the session needs no waiting for. */
export function createSchedule({ runs, onFailure, capacity }: Plan, maxParallel: number): Schedule {
  const planned = new Set(runs.map(({ run }) => run));
  const scheduled = runs.map(({ run, needs, consumes, resources, policy: { allowFailure, runOn } }) => {
    const upstream = Object.values(consumes).map((input) => input.run);
    const inSession = needs.filter((name) => planned.has(name));
    return { run, needs: inSession, consumes: upstream, allowFailure, runOn, resources };
  });
  return new Schedule(scheduled, { maxParallel, capacity, onFailure });
}
