import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunId } from "../../core/run-id.ts";
import { listSupplied } from "../../core/select-reads.ts";
import { findPinWriters } from "../../explain/pin-writer.ts";
import { indexSaved } from "../../explain/saved-versions.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { identifyRead } from "../../resolve/decide-replay.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { hashText } from "../reuse/open-reuse.ts";

/**
 * Recalls the content of an attempt's reads that the run is to read now. Unknown content is left out, so that it equals
 * no other.
 */
export function recallReads(
  planned: PlannedRun,
  { registry, attempt }: { registry: RegistryReader; attempt: RunId },
): Record<string, string> {
  const pins = new Map(registry.pinsOf([attempt]).map((pin) => [pin.dataset, pin]));
  const writerOf = findPinWriters(registry, [...pins.values()]);
  const savedBy = indexSaved(
    registry,
    [...pins.values()].flatMap((pin) => writerOf(pin)?.run_id ?? []),
  );
  const reads = listSupplied(planned).flatMap(([dataset, read]): [string, string][] => {
    if (read.rule === "value") return [];
    const pin = pins.get(dataset);
    if (pin === undefined) return [];
    const writer = writerOf(pin);
    // A version that no run saved is a file, and read as it was then.
    const ofFile = read.rule === "file" ? read.version : null;
    const then = writer === null ? ofFile : findVersion(savedBy(writer.run_id), pin.from_dataset ?? dataset);
    const identity = then === null ? null : identifyRead({ version: then, as: read.as }, hashText);
    return identity === null ? [] : [[dataset, identity]];
  });
  return Object.fromEntries(reads);
}
