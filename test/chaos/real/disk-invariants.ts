import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import type { RunRecord, SessionRecord } from "../../../src/core/run.ts";
import { checkRegistry, listAttempts } from "../registry-invariants.ts";
import { type Violation, violate } from "../violation.ts";
import { findDifference } from "./measure-version.ts";
import { readRegistry } from "./read-registry.ts";
import type { TrialFolder } from "./trial-folder.ts";

const PROCESS_LIMIT_MS = 5_000;

/** Everything that must hold of what a workload has left behind, once its processes have ended. */
export async function checkWorkload(workload: TrialFolder): Promise<Violation[]> {
  const left = await workload.marked.remaining(PROCESS_LIMIT_MS);
  const processes = left.map((line) => violate("no-process-left", line));
  const recorded = readRegistry(workload, (registry) => [
    ...checkRegistry(registry),
    ...checkVersions(registry),
    ...checkWitnesses(workload, registry),
    ...checkLogs(workload, registry),
  ]);
  return [...processes, ...(recorded ?? checkWitnesses(workload, null))];
}

/** What succeeded is on disk, whole; what an attempt's own manifest tells otherwise is a lie of one of them. */
function checkVersions(registry: RegistryReader): Violation[] {
  return listAttempts(registry).flatMap((attempt) => {
    if (attempt.status !== "success") return [];
    return Object.entries(attempt.outputs).flatMap(([dataset, version]) => {
      const what = `${dataset} of ${attempt.run} (${attempt.run_id}) at ${version.location}`;
      const isTakenOver = takenOver(registry, attempt).has(version.version);
      if (version.version !== attempt.run_id && !isTakenOver)
        return [violate("registry-equals-disk", `${what} is ${version.version}`)];
      if (!existsSync(version.location)) return [violate("registry-equals-disk", `${what} is not there`)];
      const difference = findDifference(version);
      return difference === null ? [] : [violate("hashes-match", `${what} ${difference}`)];
    });
  });
}

/** The earlier attempts of the same run from which the attempt took something over. */
function takenOver(registry: RegistryReader, { run_id }: RunRecord): ReadonlySet<string> {
  const pins = run_id === null ? [] : registry.pinsOf([run_id]).filter(({ rule }) => rule === "resumed");
  return new Set(pins.map(({ version }) => version));
}

/** Every start that a child tells of is of a recorded attempt, and each attempt was started at most once. */
function checkWitnesses(workload: TrialFolder, registry: RegistryReader | null): Violation[] {
  const starts = Map.groupBy(workload.witnesses(), ({ runId }) => runId);
  return [...starts].flatMap(([runId, witnesses]) => {
    const run = registry?.findRun(runId);
    const unknown = run ? [] : [violate("one-start-per-attempt", `${runId} ran, but no registry knows it`)];
    // Who gives an attempt up has claimed it, so that nothing runs it any more.
    const isGivenUp = run?.status === "failed" && run.start_time === null && run.exception?.type === "OrchestratorDied";
    const late = isGivenUp
      ? [violate("one-start-per-attempt", `${runId} ran, though it is on record as never started`)]
      : [];
    const twice =
      witnesses.length > 1 ? [violate("one-start-per-attempt", `${runId} ran ${witnesses.length} times`)] : [];
    return [...unknown, ...late, ...twice];
  });
}

/** Each succeeded run's log has its first line and its last, and every line of ours is whole. */
function checkLogs({ state, steps }: TrialFolder, registry: RegistryReader): Violation[] {
  const logs = join(state, "logs");
  const known = new Set(steps);
  const ofRuns = listAttempts(registry).flatMap((attempt) =>
    known.has(attempt.run) ? checkRunLog(logs, attempt) : [],
  );
  const torn = existsSync(logs) ? readdirSync(logs).flatMap((name) => checkLines(join(logs, name))) : [];
  return [...ofRuns, ...torn];
}

function checkRunLog(logs: string, { run, run_id, status }: RunRecord): Violation[] {
  if (status !== "success") return [];
  const path = join(logs, `run_${run_id}.log`);
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  // Hooks see only what is executed.
  if (lines.some((line) => /^resume: \d+ of \d+ nodes are done, 0 run$/.test(line))) return [];
  const printed = lines.map((line) => splitLine(line).printed);
  const missing = [`${run} begins`, `${run} ends`].filter((line) => !printed.includes(line));
  return missing.map((line) => violate("log-lines-complete", `${path} lacks "${line}"`));
}

function checkLines(path: string): Violation[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  const broken = lines.filter((line) => {
    const ours = line.startsWith("{") ? line : splitLine(line).ours;
    return ours !== "" && !isJson(ours);
  });
  return broken.map((line) => violate("log-lines-complete", `${path}: ${line}`));
}

/** What a run prints without an end in the moment in which a line of ours is written has that line behind it: two writers of one file. */
function splitLine(line: string): { printed: string; ours: string } {
  const place = line.indexOf('{"level":');
  return place === -1 ? { printed: line, ours: "" } : { printed: line.slice(0, place), ours: line.slice(place) };
}

/** The newest session has succeeded, and what its runs saved is what they save when nothing goes wrong. */
export function checkOutputs(workload: TrialFolder): Violation[] {
  const session = readRegistry(workload, (registry) => registry.findSession("latest"));
  if (session?.status !== "success") return [violate("session-ends", `the session is ${session?.status}`)];
  const saved = readOutputs(session);
  return Object.entries(workload.expected).flatMap(([output, content]) => {
    if (saved[output] === content) return [];
    return [violate("same-outputs-as-uninterrupted", `${output} is ${JSON.stringify(saved[output] ?? "not there")}`)];
  });
}

/** What each output of a session holds, by `run.dataset`; what is not there, or a folder, is left out. */
export function readOutputs({ runs }: SessionRecord): Record<string, string> {
  const found = runs.flatMap(({ run, outputs }) =>
    Object.entries(outputs).flatMap(([dataset, { location }]) =>
      isFile(location) ? [[`${run}.${dataset}`, readFileSync(location, "utf8")] as const] : [],
    ),
  );
  return Object.fromEntries(found);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
