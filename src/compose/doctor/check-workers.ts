import { formatLocalTime } from "../../core/text/local-time.ts";
import { listWaiting, workerRecords } from "../../runners/kedro/workers/worker-records.ts";
import { type Finding, findingOk } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

/** Tells which Kedro workers wait for the next session. */
export function checkWorkers({ state }: StatePlace): Finding[] {
  return listWaiting(workerRecords(state)).map(({ worker, project, until }) => {
    const [path = ""] = JSON.parse(project) as string[];
    const detail = `the worker of ${path} (pid ${worker.pid}) waits for the next session until ${formatLocalTime(until)}`;
    return findingOk("kept worker", detail, "`runweave doctor --end-workers` ends it");
  });
}
