import type { RegistryReader, RunHead } from "../core/port/registry.ts";
import { type Pin, type RunStatus, TERMINAL_STATUSES } from "../core/run.ts";
import { isRunId, type RunId, timeOfRunId } from "../core/run-id.ts";
import { compareDown } from "../core/text/compare-text.ts";
import { type Candidate, type CandidateWriter, type Exclusion, findExclusion } from "../resolve/find-exclusion.ts";
import { indexSaved, type SavedVersions } from "./saved-versions.ts";

/** A version that was not taken, and the first rule that excluded it. */
export interface Beaten {
  version: string;
  writer: RunHead | null;
  excluded_by: Exclusion;
}

/** A pin and the attempt that has it. */
export interface PinnedRead {
  pin: Pin;
  reader: RunHead;
}

/**
 * Finds, for each pin in their order, the candidates that its version beat: the newest `limit` of the registry, and the
 * project's own. Newest first. Asks the registry four questions, however many pins there are.
 */
export function findBeaten(registry: RegistryReader, reads: readonly PinnedRead[], limit: number): Beaten[][] {
  const others = listOthers(registry, reads, limit);
  const ids = [...new Set(others.flat())];
  const heads = new Map(registry.findHeads(ids).map((head) => [head.run_id, head]));
  const savedBy = indexSaved(registry, ids);
  return reads.map((read, at) => {
    const beaten = (others[at] ?? []).flatMap((version): Beaten[] => {
      const head = heads.get(version);
      if (head === undefined) return [];
      const exclusion = judge({ head, version, saved: savedBy(version) }, read);
      return exclusion === null ? [] : [{ version, writer: head, excluded_by: exclusion }];
    });
    return [...beaten, ...findPassedOver(read)];
  });
}

/**
 * Lists the run_ids of each pin's candidates but its own: attempts of the run that it names, and earlier writers of the
 * dataset.
 */
function listOthers(registry: RegistryReader, reads: readonly PinnedRead[], limit: number): RunId[][] {
  const questions = reads.map(({ pin, reader }) => {
    return { dataset: pin.from_dataset ?? pin.dataset, run_id: reader.run_id };
  });
  const saved = registry.writersBefore(questions, limit + 1);
  const named = new Map(reads.flatMap((read) => nameUpstream(read)).map((run) => [JSON.stringify(run), run]));
  const tried = registry.attemptsOf([...named.values()]);
  return reads.map(({ pin, reader }, at) => {
    const ofRun = tried.filter(({ session_id, run }) => session_id === reader.session_id && run === pin.from_run);
    const ids = new Set([...ofRun.map(({ run_id }) => run_id), ...(saved[at] ?? [])]);
    const others = [...ids].filter((id) => id !== pin.version && id < reader.run_id);
    return others.sort(compareDown).slice(0, limit);
  });
}

function nameUpstream({ pin, reader }: PinnedRead): Pick<RunHead, "session_id" | "run">[] {
  return pin.from_run === null ? [] : [{ session_id: reader.session_id, run: pin.from_run }];
}

function findPassedOver({ pin, reader }: PinnedRead): Beaten[] {
  const { passed_over: version } = pin;
  const exclusion = version === undefined ? null : findExclusion(ofProject(version), pin, reader.session_id);
  return version === undefined || exclusion === null ? [] : [{ version, writer: null, excluded_by: exclusion }];
}

/** Null if the version is the pin's. `saved` is by dataset. */
export function judge(
  { version, head, saved }: { version: string; head: RunHead | null; saved: SavedVersions },
  { pin, reader }: PinnedRead,
): Exclusion | null {
  const writer = head === null ? null : describeWriter(head, Object.keys(saved), timeOfRunId(reader.run_id));
  return findExclusion({ version, writer }, pin, reader.session_id);
}

function describeWriter(head: RunHead, saved: readonly string[], moment: string): CandidateWriter {
  const { session_id, run } = head;
  return { session_id, run, status: statusAt(head, moment), saved };
}

/** Returns the attempt's status at a time; null before it began. */
export function statusAt(head: RunHead, moment: string): RunStatus | null {
  if (isRunId(head.run_id) && timeOfRunId(head.run_id) > moment) return null;
  if (head.end_time === null || !TERMINAL_STATUSES.has(head.status)) return head.status;
  return head.end_time <= moment ? head.status : "running";
}

function ofProject(version: string): Candidate {
  return { version, writer: null };
}
