import type { StateFolders } from "../../../core/port/runner.ts";
import type { WorkerUpkeep } from "../../../core/port/worker-upkeep.ts";
import { forgetColdProjects, keepCold, readColdProjects } from "../cold-projects.ts";
import { endWaiting } from "./kept-workers.ts";
import { endLost, findLost } from "./lost-workers.ts";
import { readProjectPath } from "./spawn-worker.ts";
import { listWaiting, workerRecords } from "./worker-records.ts";

/** Opens the state that Kedro workers leave in a state folder. */
export function openWorkerUpkeep(folders: Pick<StateFolders, "root" | "logs">): WorkerUpkeep {
  const { root } = folders;
  const records = workerRecords(folders);
  return {
    listWaiting: () =>
      listWaiting(records).map(({ worker, project, until }) => {
        return { pid: worker.pid, project_path: readProjectPath(project), until };
      }),
    endWaiting: () => endWaiting(folders),
    findLost: () => findLost(folders),
    endLost: () => endLost(folders),
    listCold: () => readColdProjects(root),
    keepCold: (project) => keepCold(root, project),
    forgetCold: () => forgetColdProjects(root),
  };
}
