import { isMapping } from "../../core/json.ts";
import type { OpenPlainStorage } from "../../core/port/plain-storage.ts";
import type { ProjectAgent, StorageTask } from "../../core/port/project-agent.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { OpenRemoteStorage, RemoteOwner } from "../../core/port/remote-storage.ts";
import { RemoteStorageError } from "../../core/port/remote-storage.ts";
import type { KedroTask, StateFolders } from "../../core/port/runner.ts";
import type { RunId } from "../../core/run-id.ts";
import { createMemoryRegistry } from "../../record/memory/registry.ts";
import { openRunners } from "../../runners/index.ts";
import { readSpec } from "../failures/read-spec.ts";
import { KeptPlanError } from "../kept-plan/keep-plan.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import type { ConfirmStorage } from "./confirm-storage.ts";

export interface StorageContext {
  registry: RegistryReader;
  folders: StateFolders;
  /** Called before a project is started, as the record of its session says which. Default: all sessions are this process's own. */
  confirm?: ConfirmStorage;
}

/** Reaches plain places by the projects that saved the versions there. */
export function openPlainStorage(context: StorageContext, projects: ProjectAgent): OpenPlainStorage {
  const findTask = openTasks(context);
  return (owner, version) => projects.reachPlain(() => findTask(owner), { ...version, run_id: owner.run_id });
}

/** Reaches the remote data of attempts by the projects that saved them. */
export function openRemoteStorage(context: StorageContext, projects: ProjectAgent): OpenRemoteStorage {
  const findTask = openTasks(context);
  return (owner) => projects.reachObjects(() => findTask(owner), owner.run_id);
}

/** The same for a command that has no runners: none is started unless some data are remote. */
export async function withRemoteStorage<T>(
  context: StorageContext,
  work: (open: OpenRemoteStorage, openPlain: OpenPlainStorage) => Promise<T>,
): Promise<T> {
  const { folders } = context;
  // No attempt is started here, so no places are needed.
  const { projects, close } = openRunners({ folders, environment: process.env, holds: createMemoryRegistry().holds });
  try {
    return await work(openRemoteStorage(context, projects), openPlainStorage(context, projects));
  } finally {
    await close();
  }
}

/** Finds the task of each attempt once, and asks for consent before it is used. */
function openTasks({ confirm, ...context }: StorageContext): (owner: RemoteOwner) => Promise<StorageTask> {
  const known = new Map<RunId, Promise<StorageTask>>();
  const find = async (owner: RemoteOwner) => {
    const task = findTask(owner, context);
    await confirm?.(owner, task);
    return task;
  };
  return (owner) => {
    const task = known.get(owner.run_id) ?? find(owner);
    known.set(owner.run_id, task);
    return task;
  };
}

/** Finds the task of an attempt, as the plan in the log has it; of a script, which has none, as its process was told. Throws RemoteStorageError. */
function findTask(owner: RemoteOwner, { registry, folders }: Omit<StorageContext, "confirm">): KedroTask {
  const { session_id, run, run_id } = owner;
  try {
    const origin = readLoggedOrigin(registry, session_id);
    if (origin?.plan === undefined) return readToldTask(folders, owner);
    const { plan } = readKeptPlan(folders, { session_id, origin });
    const task = plan.runs.find((planned) => planned.run === run)?.task;
    if (task?.kind === "kedro") return task;
  } catch (error) {
    if (!(error instanceof KeptPlanError)) throw error;
    throw new RemoteStorageError("project-not-found", `${describeLost(owner)}: ${error.message}`, { cause: error });
  }
  throw new RemoteStorageError("project-not-found", `${describeLost({ run, run_id })}: it is no Kedro run of its plan`);
}

function describeLost({ run, run_id }: Pick<RemoteOwner, "run" | "run_id">): string {
  return `it is not known which project saved the remote data of ${run} (${run_id})`;
}

function readToldTask(folders: StateFolders, owner: RemoteOwner): KedroTask {
  const { project_path, env, conf_source, runtime_params } = readSpec(folders, owner.run_id) ?? {};
  if (typeof project_path !== "string") throw new RemoteStorageError("project-not-found", describeLost(owner));
  return {
    kind: "kedro",
    project_path,
    python: null,
    env: typeof env === "string" ? env : null,
    conf_source: typeof conf_source === "string" ? conf_source : null,
    runtime_params: isMapping(runtime_params) ? runtime_params : {},
    ...NOT_RUN,
  };
}

const NO_FILTERS = {
  ...{ tags: [], node_names: [], from_nodes: [], to_nodes: [] },
  ...{ from_inputs: [], to_outputs: [], namespaces: [] },
};
/** Fields that matter to a run alone. */
const NOT_RUN = {
  ...{ pipeline_names: [], filters: NO_FILTERS, runner: "SequentialRunner", is_async: false },
  ...{ isolate: "all" as const, remote_stores: {}, floating: [], outputs: [] },
};
