import { formatLocalTime } from "../../core/text/local-time.ts";
import { openUpkeep } from "../../runners/index.ts";
import { type Finding, findingOk } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

/** Tells which Kedro workers wait for the next session. */
export function checkWorkers({ state }: StatePlace): Finding[] {
  return openUpkeep(state)
    .listWaiting()
    .map(({ pid, project_path, until }) => {
      const detail = `the worker of ${project_path} (pid ${pid}) waits for the next session until ${formatLocalTime(until)}`;
      return findingOk("kept worker", detail, "`runweave doctor --end-workers` ends it");
    });
}
