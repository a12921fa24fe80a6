import { NO_RESOURCES } from "../../src/core/resources.ts";
import { Schedule, type ScheduledRun } from "../../src/execute/next-runs.ts";

type Policies = Record<string, Partial<ScheduledRun>>;

/** A schedule of runs by what each needs; two at once, fail-fast, unless a test says otherwise. */
export function scheduleOf(
  needs: Record<string, string[]>,
  { policies = {}, ...options }: Partial<ConstructorParameters<typeof Schedule>[1]> & { policies?: Policies } = {},
): Schedule {
  const runs = Object.entries(needs).map(([run, upstream]): ScheduledRun => {
    const defaults = { consumes: [], allowFailure: false, runOn: "success", resources: NO_RESOURCES } as const;
    return { run, needs: upstream, ...defaults, ...policies[run] };
  });
  return new Schedule(runs, { maxParallel: 2, capacity: null, onFailure: "fail-fast", ...options });
}
