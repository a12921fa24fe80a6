import type { RemoteStorage } from "../../../core/port/remote-storage.ts";
import type { RunId } from "../../../core/run-id.ts";
import type { AskStorage } from "./ask-storage.ts";
import { type ObjectsOrder, readObjectsAnswer } from "./objects-order.ts";
import { orStorageFault } from "./storage-fault.ts";

/** Objects of an attempt on remote storage, by way of its project's worker. */
export function reachObjects(askStorage: AskStorage, runId: RunId): RemoteStorage {
  const ask = async (order: Omit<ObjectsOrder, "run_id">) =>
    await orStorageFault(askStorage("objects", { ...order, run_id: runId }).then(readObjectsAnswer));
  const finish = async (order: Omit<ObjectsOrder, "run_id">) => {
    for (let left = 1; left > 0; ) ({ left } = await ask(order));
  };
  return {
    look: async (place) => await ask({ ...place, action: "look" }),
    move: async (place, { target, exact }) => await finish({ ...place, action: "move", target, exact }),
    remove: async (place) => await finish({ ...place, action: "remove" }),
  };
}
