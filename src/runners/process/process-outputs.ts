import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { SharedPlace } from "../../core/place.ts";
import type { ProcessTask } from "../../core/port/runner.ts";
import type { VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { type DataKind, kindAt } from "../../versions/data-kind.ts";
import { hashVersion, OutputRefusedError } from "../../versions/files-beside.ts";
import { assertBelow, resolveExisting, versionPath } from "../../versions/layout.ts";
import { makeFolders } from "../../versions/make-folders.ts";
import { type CaptureOptions, captureOutput, type OutputPlaces } from "./capture-output.ts";

/** The two places are the same unless it is captured. */
export interface PlannedOutput extends OutputPlaces {
  captured: boolean;
}

/** The command succeeded and did not write what it promised. */
export class OutputMissingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OutputMissing";
  }
}

/** Paths at which each output is written and kept. */
export function planOutputs(task: ProcessTask, store: string, runId: RunId): PlannedOutput[] {
  return Object.entries(task.outputs).map(([name, { path }]) => {
    const captured = path !== null;
    // Avoids `join`, which would let `..` in a dataset's name climb: the key is hashed, its last part made safe.
    const written = captured ? resolve(task.cwd, path) : `${task.cwd}/${name}`;
    const kept = versionPath(store, written, runId);
    return { name, written: captured ? written : kept, kept, captured };
  });
}

/** The paths that other runs capture too: each would take the other's file for its own. */
export function listCapturedPlaces(outputs: readonly PlannedOutput[]): SharedPlace[] {
  const captured = outputs.filter((output) => output.captured);
  return captured.map(({ written }) => ({ path: resolveExisting(written), suffix: null, access: "write" }));
}

/** Makes the folders that the command is to write into, those of the user's own paths too. */
export async function prepareOutputs(outputs: readonly PlannedOutput[], store: string): Promise<void> {
  for (const { kept, written } of outputs) {
    await mkdir(store, { recursive: true, mode: 0o700 });
    await mkdir(dirname(assertBelow(store, kept)), { recursive: true });
    makeFolders(dirname(written));
  }
}

/**
 * Takes in what a successful command wrote: captured files are copied, all are flushed and hashed. Throws OutputMissingError,
 * OutputRefusedError, and what `captureOutput` throws.
 */
export async function collectOutputs(
  outputs: readonly PlannedOutput[],
  options: CaptureOptions,
): Promise<Record<string, VersionRecord>> {
  const found = await Promise.all(outputs.map(async (output) => ({ ...output, kind: await findKind(output) })));
  const missing = found.filter(({ kind }) => kind === null);
  if (missing.length > 0) throw new OutputMissingError(`the command succeeded without writing ${listPlaces(missing)}`);
  const others = found.filter(({ kind }) => kind === "other");
  if (others.length > 0) {
    throw new OutputRefusedError(`${listPlaces(others)} is a pipe, a socket or a device, and not data`);
  }
  // Two names may be given to one path.
  const captured = new Map(outputs.filter((output) => output.captured).map((output) => [output.kept, output]));
  for (const output of captured.values()) await captureOutput(output, options);
  const collected: [string, VersionRecord][] = [];
  for (const output of outputs) collected.push([output.name, await describeOutput(output, options)]);
  return Object.fromEntries(collected);
}

async function findKind({ written }: PlannedOutput): Promise<DataKind | null> {
  return await kindAt(written).catch(() => null);
}

function listPlaces(outputs: readonly PlannedOutput[]): string {
  return outputs.map(({ name, written }) => `"${name}" at ${written}`).join(", ");
}

async function describeOutput(output: PlannedOutput, { folders, runId }: CaptureOptions): Promise<VersionRecord> {
  const { written, kept, captured } = output;
  assertBelow(folders.store, kept);
  const owned = { version: runId, location: kept };
  const content = await hashVersion(owned, { durable: !captured });
  return { ...owned, ...content, entry: null, plain_location: captured ? written : null };
}
