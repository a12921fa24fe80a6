import { isAbsolute } from "node:path";
import { hasCatalog } from "../../core/kinds.ts";
import { baseName } from "../../plan/transcoding.ts";
import type { StateLocation } from "../locate-state.ts";
import type { PastRun } from "./read-past-run.ts";
import { ReproduceError } from "./reproduce-error.ts";

/** Checks that the run would write into the scratch place alone. Throws ReproduceError. */
export function refuseForeignWrites(past: PastRun, state: StateLocation): void {
  const { record, kept, code } = past;
  const floating = listFloating(past);
  if (floating.length > 0) {
    const message = `${record.run} reads or writes what is floating (${floating.join(", ")}), where runweave can't look`;
    throw new ReproduceError("writes-elsewhere", message, "doing it again would change the real data");
  }
  // Isolated data go to a store, and that is the scratch place's own; the rest goes where the project has it.
  const homes = [state.root, kept.store, code.checkout].map((folder) => `${folder}/`);
  for (const [dataset, { location }] of Object.entries(record.outputs)) {
    if (isAbsolute(location) && homes.some((home) => location.startsWith(home))) continue;
    const message = `${record.run} saved '${dataset}' at ${location}, which is outside of the data folder and the checkout`;
    throw new ReproduceError("writes-elsewhere", message, "doing it again would write there");
  }
}

/** Lists the floating datasets that the run itself read or wrote. */
function listFloating({ planned: { task }, loaded, saved }: PastRun): string[] {
  if (!hasCatalog(task)) return [];
  const touched = new Set([...loaded, ...saved.map(({ dataset }) => dataset)].map(baseName));
  return task.floating.filter((dataset) => touched.has(baseName(dataset)));
}
