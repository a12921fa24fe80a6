import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExceptionRecord, JsonObject, VersionRecord } from "../core/run.ts";
import { writeFileDurably, writeFileWhole } from "../versions/write-file.ts";

const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;

/** How the process of an attempt ended, as whoever waited for it recorded. */
export interface ProcessExit {
  exitCode: number | null;
  signal: string | null;
}

/** What an attempt says of its outcome, as far as all kinds of runs say it. */
export interface AttemptManifest {
  run_id: string;
  status: "success" | "failed";
  outputs: Record<string, VersionRecord>;
  exception: ExceptionRecord | null;
  peak_memory_bytes: number | null;
}

/** Makes an attempt's folder with what is to be run. Throws EEXIST: an attempt is started once. */
export function createAttemptFolder(folder: string, spec: JsonObject): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  writeFileSync(join(folder, "spec.json"), JSON.stringify(spec), { mode: 0o600, flag: "wx" });
}

/** Records the end of an attempt's process. Not flushed: if it is lost, the attempt counts as cut off, which is safe. */
export function writeExit(folder: string, { exitCode, signal }: ProcessExit): void {
  const time = new Date().toISOString();
  writeFileWhole(join(folder, "exit"), JSON.stringify({ exit_code: exitCode, signal, time }));
}

/** Records an attempt's outcome. The data that it names have to be on the disk already; then it has to be there too. */
export async function writeManifest(folder: string, manifest: AttemptManifest): Promise<void> {
  const path = join(folder, "manifest");
  if (Object.keys(manifest.outputs).length === 0) writeFileWhole(path, JSON.stringify(manifest));
  else await writeFileDurably(path, JSON.stringify(manifest));
}

/** The manifest as it stands there, unchecked; null if there is none. Throws if it is no JSON, or absurdly large. */
export function readManifest(folder: string): unknown {
  const path = join(folder, "manifest");
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (found.size > MAX_MANIFEST_BYTES) throw new Error(`it has ${found.size} bytes`);
  return JSON.parse(readFileSync(path, "utf8"));
}
