import type { PlainStorage } from "../../../core/port/plain-storage.ts";
import type { RemotePlace } from "../../../core/port/remote-storage.ts";
import type { RunId } from "../../../core/run-id.ts";
import type { AskStorage } from "./ask-storage.ts";
import { type PlainOrder, readPlainAnswer } from "./plain-order.ts";
import { orStorageFault } from "./storage-fault.ts";

/** The plain places on the storage of a version, by way of its project's worker. */
export function reachPlain(
  askStorage: AskStorage,
  { run_id, location, entry }: RemotePlace & { run_id: RunId },
): PlainStorage {
  const ask = async (order: Pick<PlainOrder, "action" | "target" | "files">) =>
    await orStorageFault(askStorage("publish", { run_id, location, entry, ...order }).then(readPlainAnswer));
  return {
    look: async (target) => (await ask({ action: "look", target })).files,
    keep: async (files) => void (await ask({ action: "keep", files })),
    copy: async (target) => void (await ask({ action: "copy", target })),
    judge: async (files) => (await ask({ action: "judge", files })).states,
    undo: async (files) => void (await ask({ action: "undo", files })),
  };
}
