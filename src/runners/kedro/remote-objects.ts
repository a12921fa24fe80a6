import { EnvironmentError } from "../../core/environment-error.ts";
import { type RemoteStorage, RemoteStorageError } from "../../core/remote-storage.ts";
import type { RunId } from "../../core/run-id.ts";
import type { KedroRunner, StorageTask } from "./kedro-runner.ts";
import type { ObjectsOrder } from "./objects-order.ts";
import { ProjectError } from "./worker-errors.ts";

/** What an attempt has on remote storage, by way of its project's worker. */
export function reachObjects(kedro: KedroRunner, task: StorageTask, runId: RunId): RemoteStorage {
  const ask = async (order: Omit<ObjectsOrder, "run_id">) => {
    try {
      return await kedro.useObjects(task, { ...order, run_id: runId });
    } catch (error) {
      if (!(error instanceof ProjectError || error instanceof EnvironmentError)) throw error;
      const hint = error.hint === null ? "" : ` (${error.hint})`;
      throw new RemoteStorageError(error.code, `${error.message}${hint}`, { cause: error });
    }
  };
  const finish = async (order: Omit<ObjectsOrder, "run_id">) => {
    for (let left = 1; left > 0; ) ({ left } = await ask(order));
  };
  return {
    look: async (place) => await ask({ ...place, action: "look" }),
    move: async (place, { target, exact }) => await finish({ ...place, action: "move", target, exact }),
    remove: async (place) => await finish({ ...place, action: "remove" }),
  };
}
