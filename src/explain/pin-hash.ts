import type { RegistryReader } from "../core/registry.ts";
import type { Pin } from "../core/run.ts";
import { isRunId, type RunId } from "../core/run-id.ts";
import { findVersion } from "../resolve/find-version.ts";
import { listSaved } from "./saved-versions.ts";

/** A file's hash stands at the end of the sentence that was recorded when the plan was made. */
const HASH_AT_END = /\bsha256:[0-9a-f]{64}$/;

/** The hash of what a pin stands for; null where nobody could look. */
export function findPinHash(registry: RegistryReader, pin: Pin, reader: RunId): string | null {
  if (pin.rule === "file" || pin.rule === "plain" || pin.rule === "frozen") {
    const [hash = null] = HASH_AT_END.exec(pin.reason) ?? [];
    if (hash !== null || pin.rule !== "frozen") return hash;
  }
  const isOfReader = pin.rule === "own" || pin.rule === "resumed";
  const writer = isOfReader ? reader : (pin.vouched_by ?? pin.version);
  if (!isRunId(writer)) return null;
  return findVersion(listSaved(registry, writer), pin.from_dataset ?? pin.dataset)?.hash ?? null;
}
