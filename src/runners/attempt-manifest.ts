import { areFilesBeside } from "../core/files-beside.ts";
import { isMapping } from "../core/json.ts";
import type { CatalogEntry, ExceptionRecord, VersionRecord } from "../core/run.ts";
import { type AttemptManifest, readManifestText } from "./attempt-files.ts";
import { holdsSeal } from "./manifest-seal.ts";
import {
  type Guard,
  hasShape,
  isFlag,
  isListOf,
  isNumber,
  isOneOf,
  isOptional,
  isRecordOf,
  isText,
  orNull,
} from "./shape.ts";

export const isEntry = hasShape<CatalogEntry>({ config: isMapping, versioned: isFlag });
/** Hash of data on this disk; those on remote storage have its own checksum, `s3:etag:...` for example. */
const HASH = /^(?:sha256:[0-9a-f]{64}|(?!sha256:)[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,500})$/;
const isHash: Guard<string> = (value): value is string => isText(value) && HASH.test(value);
const isSize: Guard<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isVersion = hasShape<VersionRecord>({
  version: isText,
  location: isText,
  bytes: orNull(isSize),
  hash: orNull(isHash),
  beside: isOptional(areFilesBeside),
  entry: orNull(isEntry),
  plain_location: orNull(isText),
});
/** An exception with its causes, as a process of a run wrote it. */
export const isException: Guard<ExceptionRecord> = (value): value is ExceptionRecord =>
  isExceptionShape(value) && (!("classes" in value) || areTexts(value.classes));
const areTexts = isListOf(isText);
const isExceptionShape = hasShape<Omit<ExceptionRecord, "classes">>({
  type: isText,
  message: isText,
  node: orNull(isText),
  traceback: orNull(isText),
  cause: orNull(isException),
});
const isManifest = hasShape<AttemptManifest>({
  run_id: isText,
  status: isOneOf("success", "failed"),
  outputs: isRecordOf(isVersion),
  exception: orNull(isException),
  cancelled: isOptional(isFlag),
  peak_memory_bytes: orNull(isNumber),
});

/** Null if the run wrote none. Throws if what is there can't be this run's manifest, as it has not its seal for example. */
export function readSealedManifest(
  attemptFolder: string,
  { runId, seal }: { runId: string; seal: string },
): AttemptManifest | null {
  const text = readManifestText(attemptFolder);
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (!holdsSeal(text, seal)) throw new Error("it was not written by the process of this attempt, or was changed");
  if (!isManifest(value)) throw new Error("it has not the shape of a manifest");
  if (value.run_id !== runId) throw new Error(`it is of ${value.run_id}`);
  if (value.status === "failed" && value.exception === null)
    throw new Error("it tells of a failure without saying which");
  const { run_id, status, outputs, exception, cancelled, peak_memory_bytes } = value;
  return { run_id, status, outputs, exception, cancelled: cancelled ?? false, peak_memory_bytes };
}
