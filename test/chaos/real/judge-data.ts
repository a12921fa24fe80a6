import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import type { RunRecord, VersionRecord } from "../../../src/core/run.ts";
import { decideRetention } from "../../../src/explain/gc.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { listTrash } from "../../../src/versions/trash/trash.ts";
import { listAttempts } from "../registry-invariants.ts";
import { type Violation, violate } from "../violation.ts";
import { findDifference } from "./measure-version.ts";

interface Data {
  state: string;
  registry: RegistryReader;
  /** Of what is elsewhere nothing is said; default: all that is on record. */
  below?: string;
}

/** What each attempt saved is where the registry says, whole: in its place, in the trash, or gone. */
export function judgeData(data: Data): Violation[] {
  const attempts = new Map(listAttempts(data.registry).map((attempt) => [attempt.run_id, attempt]));
  return [...attempts.values()].flatMap((attempt) => {
    const own = Object.entries(attempt.outputs).filter(
      ([, { version, location }]) => version === attempt.run_id && location.startsWith(data.below ?? ""),
    );
    return own.flatMap(([dataset, version]) => judgeVersion(data, attempt, { dataset, version }));
  });
}

function judgeVersion(
  { state }: Data,
  { run, run_id, discarded }: RunRecord,
  { dataset, version }: { dataset: string; version: VersionRecord },
): Violation[] {
  const what = `${dataset} of ${run} (${run_id})`;
  const trashed = findInTrash(state, version);
  const isThere = existsSync(version.location);
  const said = discarded?.state ?? "there";
  if (said === "deleted") return isThere ? [violate("registry-equals-disk", `${what} is deleted and there`)] : [];
  if (!isThere && trashed === null) return [violate("no-data-lost", `${what}, on record as ${said}, is nowhere`)];
  const at = said === "there" ? (isThere ? version.location : null) : trashed;
  if (at === null)
    return [
      violate("registry-equals-disk", `${what} is on record as ${said}, and is ${isThere ? "there" : "trashed"}`),
    ];
  const difference = findDifference(version, at);
  return difference === null ? [] : [violate("hashes-match", `${what}, which is ${said}, ${difference}`)];
}

/** Where a version lies in the trash; null if it does not. An entry moves the folder that has the run_id, wherever that was. */
function findInTrash(state: string, { location, version }: VersionRecord): string | null {
  const [, inside] = location.split(`/${version}/`);
  if (inside === undefined) return null;
  const paths = listTrash(join(state, "trash")).entries.flatMap((entry) =>
    entry.manifest.items.flatMap(({ name, original }) =>
      basename(original) === version ? [join(entry.folder, "items", name, inside)] : [],
    ),
  );
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Event by event: nothing was collected that was kept by what was on record by then, and nothing was given to a run that was gone. */
export function judgeCollections({ registry }: Data, keepLast: number): Violation[] {
  const replayed = createMemoryRegistry();
  const found: Violation[] = [];
  for (const event of registry.events()) {
    if (event.type === "run.discarded" && event.cause === "gc" && event.state === "trashed") {
      const verdicts = decideRetention(replayed.retentionFacts(), { retention: { keepLast, since: null } });
      const verdict = verdicts.find(({ run_id }) => run_id === event.run_id);
      const kept = `${event.run} (${event.run_id}) was collected though ${verdict?.reason}`;
      if (verdict !== undefined && verdict.rule !== "goes") found.push(violate("collected-only-what-may-go", kept));
    }
    for (const version of listGiven(event)) {
      const [discard] = replayed.discardsOf([version as never]);
      const isGone = discard !== undefined && replayed.findRun(version)?.discarded !== null;
      const told = `${event.type} of ${"run" in event ? event.run : ""} takes ${version}, which is in the trash`;
      if (isGone) found.push(violate("collected-only-what-may-go", told));
    }
    replayed.append([event]);
  }
  return found;
}

function listGiven(event: ReturnType<RegistryReader["events"]> extends Iterable<infer T> ? T : never): string[] {
  if (event.type === "run.reused") return [event.run_id];
  if (event.type !== "run.resolved") return [];
  return event.pins.flatMap(({ rule, version }) => (rule === "own" ? [] : [version]));
}
