import type { StateFolders } from "../../../core/port/runner.ts";
import type { WorkerUpkeep } from "../../../core/port/worker-upkeep.ts";
import { forgetColdProjects, keepCold, readColdProjects } from "../cold-projects.ts";
import { endWaiting } from "./kept-workers.ts";
import { readProjectPath } from "./spawn-worker.ts";
import { listWaiting, workerRecords } from "./worker-records.ts";

/** Opens the state that Kedro workers leave in a state folder. */
export function openWorkerUpkeep({ root }: Pick<StateFolders, "root">): WorkerUpkeep {
  const records = workerRecords({ root });
  return {
    listWaiting: () =>
      listWaiting(records).map(({ worker, project, until }) => {
        return { pid: worker.pid, project_path: readProjectPath(project), until };
      }),
    endWaiting: () => endWaiting(records),
    listCold: () => readColdProjects(root),
    keepCold: (project) => keepCold(root, project),
    forgetCold: () => forgetColdProjects(root),
  };
}
