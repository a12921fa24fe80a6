import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync } from "node:fs";
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StateFolders } from "../../core/port/runner.ts";
import type { RunId } from "../../core/run-id.ts";
import { describeCaptureFault } from "../../versions/capture-fault.ts";
import { OutputRefusedError } from "../../versions/files-beside.ts";
import { assertBelow, capturingFolder } from "../../versions/layout.ts";
import { placeStaged, stageVersion } from "../../versions/publish.ts";
import { type Look, lookThrough } from "../../versions/tree/look-through.ts";

/** An output and its two places. */
export interface OutputPlaces {
  name: string;
  /** The place that the command writes to. */
  written: string;
  /** The place of its version in the store. */
  kept: string;
}

/** A captured path is not any more what it was when its command had ended. */
export class OutputChangedError extends Error {
  constructor({ name, written }: OutputPlaces, what: string) {
    super(`"${name}" at ${written} ${what} while it was captured`);
    this.name = "OutputChanged";
  }
}

export interface CaptureOptions {
  folders: StateFolders;
  runId: RunId;
  /** Throws once another process has taken the attempt over. */
  assertOurs(): void;
}

/**
 * Copies a captured path to where its version is kept. Each try makes its copy in a folder of its own below a place that is the
 * attempt's: who takes the attempt over removes that place, and no rename of an earlier owner finds anything from then on.
 * Throws OutputRefusedError, OutputChangedError, NotDataError, UnsafePathError; what `assertOurs` throws. Nothing is left then.
 */
export async function captureOutput(output: OutputPlaces, options: CaptureOptions): Promise<void> {
  const { runId } = options;
  const { store } = options.folders;
  refuseOwn(output, options);
  const folder = join(capturePlace(store, runId), randomUUID());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    assertBelow(store, folder);
    await copyUnchanged(output, join(folder, "copy"), options);
    await place(output, folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rmdir(dirname(folder)).catch(() => {});
  }
}

/** A link that was put there since the plan was checked may lead anywhere. */
function refuseOwn({ name, written }: OutputPlaces, { folders }: CaptureOptions): void {
  const fault = describeCaptureFault(written, folders);
  if (fault !== null) throw new OutputRefusedError(`"${name}" at ${written} can't be captured: ${fault}`);
}

/** Removes what earlier tries of an attempt left of their copies. Also ends what an earlier owner may be about to do with them. */
export async function removeCaptures(store: string, runId: RunId): Promise<void> {
  // An earlier owner may be making files in there at this moment.
  await rm(capturePlace(store, runId), { recursive: true, force: true, maxRetries: 5 });
}

/**
 * The place of the copy is not in the version's own folder, where every file counts as beside the version. Its name makes it the
 * attempt's own for gc.
 */
function capturePlace(store: string, runId: RunId): string {
  return join(capturingFolder(store), runId);
}

async function copyUnchanged(output: OutputPlaces, staging: string, { assertOurs }: CaptureOptions): Promise<void> {
  const { written } = output;
  const before = await lookThrough(written);
  assertOurs();
  try {
    await stageVersion({ location: written, staging });
  } catch (error) {
    throw (await findChange(output, before)) ?? error;
  }
  const changed = await findChange(output, before);
  if (changed !== null) throw changed;
}

async function findChange(output: OutputPlaces, before: ReadonlyMap<string, Look>): Promise<Error | null> {
  const after = await lookThrough(output.written);
  const [was, is] = [before.get(""), after.get("")];
  if (is === undefined) return new OutputChangedError(output, "was removed");
  if (was?.kind !== is.kind) return new OutputChangedError(output, `became ${formatKind(is)}`);
  const names = new Set([...before.keys(), ...after.keys()]);
  const changed = [...names].filter((name) => before.get(name)?.mark !== after.get(name)?.mark);
  if (changed.length === 0) return null;
  // A folder changes with what is in it: the innermost tells more.
  const name = changed.reduce((longest, each) => (each.length > longest.length ? each : longest));
  return new OutputChangedError(output, name === "" ? "was written to" : `changed ('${name}')`);
}

function formatKind({ kind }: Look): string {
  return kind === "other" ? "a pipe, a socket or a device" : `a ${kind}`;
}

/**
 * Puts a copy into a version's own folder, which holds only that: the copy of an earlier try leaves it in one step, and
 * is removed.
 */
async function place({ kept }: OutputPlaces, folder: string, { folders, assertOurs }: CaptureOptions): Promise<void> {
  const { store } = folders;
  const own = dirname(kept);
  const left = await readdir(own).catch(() => []);
  assertBelow(store, kept);
  assertOurs();
  if (left.length > 0) renameSync(own, join(folder, "former"));
  mkdirSync(own, { recursive: true });
  const guard = (rename: () => void) => {
    assertOurs();
    rename();
  };
  await placeStaged({ staging: join(folder, "copy"), target: kept, guard });
}
