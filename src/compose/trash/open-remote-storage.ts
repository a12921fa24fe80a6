import { isMapping } from "../../core/json.ts";
import type { OpenPlainStorage } from "../../core/port/plain-storage.ts";
import type { ProjectAgent, StorageTask } from "../../core/port/project-agent.ts";
import type { OpenRemoteStorage, RemoteOwner } from "../../core/port/remote-storage.ts";
import { RemoteStorageError } from "../../core/port/remote-storage.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import { createMemoryRegistry } from "../../record/memory/registry.ts";
import { openRunners } from "../../runners/index.ts";
import { readSpec } from "../failures/read-spec.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";

/** Reaches plain places by the projects that saved the versions there. */
export function openPlainStorage(folders: StateFolders, projects: ProjectAgent): OpenPlainStorage {
  return (owner, version) => projects.reachPlain(() => findTask(folders, owner), { ...version, run_id: owner.run_id });
}

/** Reaches the remote data of attempts by the projects that saved them. */
export function openRemoteStorage(folders: StateFolders, projects: ProjectAgent): OpenRemoteStorage {
  return (owner) => projects.reachObjects(() => findTask(folders, owner), owner.run_id);
}

/** The same for a command that has no runners: none is started unless some data are remote. */
export async function withRemoteStorage<T>(
  folders: StateFolders,
  work: (open: OpenRemoteStorage, openPlain: OpenPlainStorage) => Promise<T>,
): Promise<T> {
  // No attempt is started here, so no places are needed.
  const { projects, close } = openRunners({ folders, environment: process.env, holds: createMemoryRegistry().holds });
  try {
    return await work(openRemoteStorage(folders, projects), openPlainStorage(folders, projects));
  } finally {
    await close();
  }
}

/** What the attempt was told of its project; the interpreter, as the plan has it. Throws RemoteStorageError. */
function findTask(folders: StateFolders, { session_id, run, run_id }: RemoteOwner): StorageTask {
  const { project_path, env, conf_source, runtime_params } = readSpec(folders, run_id) ?? {};
  if (typeof project_path !== "string") {
    const message = `it is no longer known which project saved the remote data of ${run} (${run_id})`;
    throw new RemoteStorageError("project-not-found", message);
  }
  return {
    project_path,
    python: findPython(folders, session_id, run),
    env: typeof env === "string" ? env : null,
    conf_source: typeof conf_source === "string" ? conf_source : null,
    runtime_params: isMapping(runtime_params) ? runtime_params : {},
  };
}

/** Null to look for one, as for a script's session, which has no plan. */
function findPython(folders: StateFolders, sessionId: RemoteOwner["session_id"], run: string): string | null {
  try {
    const task = readKeptPlan(folders, { session_id: sessionId, origin: null }).plan.runs.find(
      (planned) => planned.run === run,
    )?.task;
    return task?.kind === "kedro" ? task.python : null;
  } catch {
    return null;
  }
}
