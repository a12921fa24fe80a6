import type { RegistryReader } from "../core/port/registry.ts";
import type { Pin } from "../core/run.ts";
import { isRunId, type RunId } from "../core/run-id.ts";
import { findVersion } from "../resolve/find-version.ts";
import { indexSaved } from "./saved-versions.ts";

/** A file's hash stands at the end of the sentence that was recorded when the plan was made. */
const HASH_AT_END = /\bsha256:[0-9a-f]{64}$/;

/** A pin and the attempt that has it. */
export interface PinRead {
  pin: Pin;
  reader: { run_id: RunId };
}

/** Finds the hash of each pin's version, in their order; null where the data could not be looked at. */
export function findPinHashes(registry: RegistryReader, reads: readonly PinRead[]): (string | null)[] {
  const savedBy = indexSaved(
    registry,
    reads.flatMap((read) => findSaver(read) ?? []),
  );
  return reads.map((read) => {
    const saver = findSaver(read);
    if (saver === null) return findToldHash(read.pin);
    return findVersion(savedBy(saver), read.pin.from_dataset ?? read.pin.dataset)?.hash ?? null;
  });
}

function findToldHash({ rule, reason }: Pin): string | null {
  return rule === "file" || rule === "plain" || rule === "frozen" ? (HASH_AT_END.exec(reason)?.[0] ?? null) : null;
}

/** The attempt among whose versions the hash is; null if it is in the pin's own sentence, or nowhere. */
function findSaver({ pin, reader }: PinRead): RunId | null {
  const { rule, version, vouched_by } = pin;
  if (rule === "file" || rule === "plain" || findToldHash(pin) !== null) return null;
  const saver = rule === "own" || rule === "resumed" ? reader.run_id : (vouched_by ?? version);
  return isRunId(saver) ? saver : null;
}
