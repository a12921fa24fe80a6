import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { ExceptionRecord, JsonObject, VersionRecord } from "../core/run.ts";
import { readJsonRecord, readRecord } from "../processes/read-record.ts";
import { writeFileDurably, writeFileWhole, writeNewFile } from "../versions/write-file.ts";
import { type InputMarks, writeInputMarks } from "./input-marks.ts";
import { sealRecord } from "./manifest-seal.ts";

/** Number that a shell adds to that of the signal that ended a program. */
const SHELL_SIGNALS = 128;

/** End of an attempt's process, as the process that waited for it recorded. */
export interface ProcessExit {
  exitCode: number | null;
  signal: string | null;
}

/** Outcome of an attempt, as far as all kinds of runs tell it. */
export interface AttemptManifest {
  run_id: string;
  status: "success" | "failed";
  outputs: Record<string, VersionRecord>;
  exception: ExceptionRecord | null;
  /** True if the process was asked to stop: its own end is unknown. */
  cancelled?: boolean;
  peak_memory_bytes: number | null;
}

/** Makes an attempt's folder with what is to be run, and how its inputs looked. Throws EEXIST: an attempt is started once. */
export function createAttemptFolder(folder: string, { spec, marks }: { spec: JsonObject; marks: InputMarks }): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  writeNewFile(join(folder, "spec.json"), JSON.stringify(spec));
  writeInputMarks(folder, marks);
}

/** Records the end of an attempt's process. Not flushed: if it is lost, the attempt counts as cut off, which is safe. */
export function writeExit(folder: string, { exitCode, signal }: ProcessExit, seal: string): void {
  const time = new Date().toISOString();
  writeFileWhole(exitPath(folder), JSON.stringify({ exit_code: exitCode, signal, time, seal }));
}

export function exitPath(folder: string): string {
  return join(folder, "exit");
}

/** Reads the end of an attempt's process; null if there is no whole record of it with a valid seal. */
export function readExit(folder: string, seal: string): ProcessExit | null {
  const exit = readJsonRecord(exitPath(folder));
  if (!isSealed(exit, seal)) return null;
  const { exit_code, signal } = exit;
  if (typeof signal === "string") return { exitCode: null, signal };
  if (!Number.isInteger(exit_code)) return null;
  // A shell tells of a signal in the code alone.
  const name = nameSignal(Number(exit_code) - SHELL_SIGNALS);
  return name === null ? { exitCode: Number(exit_code), signal: null } : { exitCode: null, signal: name };
}

/** True if a record carries the seal itself, as an end does: it tells who wrote it, and does not cover what. */
export function isSealed(record: unknown, seal: string): record is Record<string, unknown> {
  return typeof record === "object" && record !== null && "seal" in record && record.seal === seal;
}

/** Names by number; for a number with two names, the first one counts. */
const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

function nameSignal(number: number): string | null {
  return SIGNAL_NAMES.get(number) ?? null;
}

/**
 * Records an attempt's outcome. The data that it names have to be on the disk already; then it has to be there too. A success
 * without data is told by `exit` alone.
 */
export async function writeManifest(folder: string, manifest: AttemptManifest, seal: string): Promise<void> {
  const path = join(folder, "manifest");
  const text = sealRecord(JSON.stringify(manifest), seal);
  if (Object.keys(manifest.outputs).length > 0) await writeFileDurably(path, text);
  else if (manifest.status === "failed") writeFileWhole(path, text);
}

/** The manifest as it stands there, unchecked; null if there is none. Throws if it is no JSON in a plain file. */
export function readManifest(folder: string): unknown {
  const text = readManifestText(folder);
  return text === null ? null : JSON.parse(text);
}

/** Reads the text of the manifest; null if there is none. Throws if it is no plain file. */
export function readManifestText(folder: string): string | null {
  return readRecord(join(folder, "manifest"));
}
