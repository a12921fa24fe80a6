import { compareDown } from "../core/compare-text.ts";
import type { RegistryReader, RunHead } from "../core/registry.ts";
import { type Pin, type RunStatus, TERMINAL_STATUSES } from "../core/run.ts";
import { isRunId, timeOfRunId } from "../core/run-id.ts";
import { type Candidate, type CandidateWriter, type Exclusion, findExclusion } from "../resolve/find-exclusion.ts";

/** A version that was not taken, and the first rule that excluded it. */
export interface Beaten {
  version: string;
  writer: RunHead | null;
  excluded_by: Exclusion;
}

/** The candidates that a pin's version beat: of the registry's the newest `limit`, and the project's own. Newest first. */
export function findBeaten(
  registry: RegistryReader,
  { pin, reader, limit }: { pin: Pin; reader: RunHead; limit: number },
): Beaten[] {
  const dataset = pin.from_dataset ?? pin.dataset;
  const saved = registry.versionsBefore(dataset, reader.run_id, limit + 1).map(({ run_id }) => run_id);
  const tried = pin.from_run === null ? [] : registry.attemptsOf(reader.session_id, pin.from_run);
  const ids = [...new Set([...tried.map(({ run_id }) => run_id), ...saved])];
  const others = ids.filter((id) => id !== pin.version && id < reader.run_id).sort(compareDown);
  const heads = new Map(registry.findHeads(others.slice(0, limit)).map((head) => [head.run_id, head]));
  const beaten = [...heads.values()].flatMap((head) => {
    const exclusion = judge(registry, { head, version: head.run_id }, { pin, reader });
    return exclusion === null ? [] : [{ version: head.run_id, writer: head, excluded_by: exclusion }];
  });
  const own = pin.passed_over === undefined ? null : findExclusion(ofProject(pin.passed_over), pin, reader.session_id);
  return own === null ? beaten : [...beaten, { version: pin.passed_over ?? "", writer: null, excluded_by: own }];
}

/** Null if the version is the pin's. */
export function judge(
  registry: RegistryReader,
  candidate: { version: string; head: RunHead | null },
  { pin, reader }: { pin: Pin; reader: RunHead },
): Exclusion | null {
  const { version, head } = candidate;
  const writer = head === null ? null : describeWriter(registry, head, timeOfRunId(reader.run_id));
  return findExclusion({ version, writer }, pin, reader.session_id);
}

function describeWriter(registry: RegistryReader, head: RunHead, moment: string): CandidateWriter {
  const { session_id, run, run_id } = head;
  const saved = registry.versionsOf(run_id).map(({ dataset }) => dataset);
  return { session_id, run, status: statusAt(head, moment), saved };
}

/** What the attempt was at a time; null before it began. */
export function statusAt(head: RunHead, moment: string): RunStatus | null {
  if (isRunId(head.run_id) && timeOfRunId(head.run_id) > moment) return null;
  if (head.end_time === null || !TERMINAL_STATUSES.has(head.status)) return head.status;
  return head.end_time <= moment ? head.status : "running";
}

function ofProject(version: string): Candidate {
  return { version, writer: null };
}
