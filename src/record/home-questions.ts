import type { Registry } from "../core/registry.ts";
import type { TableStore } from "./table-store.ts";

/** Questions about the places of the state folder, and about what was logged there. */
export function createHomeQuestions(store: TableStore): Pick<Registry, "homes" | "beginningOf" | "settleHome"> {
  return {
    homes: () => store.readConsistently(() => store.homes()),
    beginningOf: (scope) => store.readConsistently(() => store.firstSeq(scope)),
    settleHome: (time) => store.writeAtomically(() => store.settleHome(time)),
  };
}
