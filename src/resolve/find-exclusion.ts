import type { Pin, RunStatus } from "../core/run.ts";
import type { SessionId } from "../core/run-id.ts";
import { baseName } from "../plan/transcoding.ts";

/** Reason why a version was not taken, in the order in which the resolver asks. */
export type ExclusionRule =
  | "later"
  | "own"
  | "other-session"
  | "other-run"
  | "not-succeeded"
  | "not-saved"
  | "superseded"
  | "not-consumed"
  | "older"
  | "not-seen"
  | "held"
  | "given"
  | "named";

export interface Exclusion {
  rule: ExclusionRule;
  /** One sentence for people. */
  reason: string;
}

/** A version that might have been taken. */
export interface Candidate {
  version: string;
  /** Null for a version of the project's own. */
  writer: CandidateWriter | null;
}

export interface CandidateWriter {
  session_id: SessionId;
  run: string;
  /** Status when the pin was settled; null if the attempt had not begun. */
  status: RunStatus | null;
  /** The names of what it saved. */
  saved: readonly string[];
}

/**
 * Returns the first rule of the resolver that excludes the candidate from being this pin's version; null if it is that
 * version. The run is settled before its end is looked at.
 */
export function findExclusion(candidate: Candidate, pin: Pin, session: SessionId): Exclusion | null {
  if (candidate.version === pin.version || candidate.version === pin.vouched_by) return null;
  const { writer } = candidate;
  if (writer !== null && writer.status === null)
    return exclude("later", `${writer.run} began after the version was chosen`);
  const exclusion = judgeByRule(candidate, pin, session);
  return (exclusion.rule === "superseded" ? findWriterFault(writer, pin) : null) ?? exclusion;
}

function findWriterFault(writer: CandidateWriter | null, pin: Pin): Exclusion | null {
  if (writer === null) return null;
  const { run, status, saved } = writer;
  if (status !== "success") {
    const what = status === "running" || status === "pending" ? "had not ended" : `was ${status}`;
    return exclude("not-succeeded", `${run} ${what}: only what a successful run saved is consumed`);
  }
  const wanted = pin.from_dataset ?? pin.dataset;
  if (saved.some((name) => baseName(name) === baseName(wanted))) return null;
  return exclude("not-saved", `${run} did not save ${wanted}`);
}

function judgeByRule({ version, writer }: Candidate, pin: Pin, session: SessionId): Exclusion {
  switch (pin.rule) {
    case "own":
      return exclude("own", "the run writes this dataset itself, and reads only its own version");
    case "resumed":
      return exclude("own", "an earlier attempt of the run itself had saved it, and that node was not executed again");
    case "consumed":
      return judgeConsumed(writer, pin, session);
    case "frozen":
      if (writer !== null) return exclude("not-consumed", `the workflow does not consume it from ${writer.run}`);
      if (pin.passed_over === version && version > pin.version)
        return exclude("held", `the lock file has ${pin.version}`);
      return version < pin.version
        ? exclude("older", "the project had a newer version when the plan was made")
        : exclude("not-seen", "the project did not have it when the plan was made");
    case "plain":
      return exclude("not-consumed", "the workflow consumes it from no run: the project's own file is read");
    case "file":
      return exclude("given", "the workflow gives a file, so no version of a run is looked for");
    case "value":
      return exclude("given", "the workflow gives the value itself, so no version is looked for");
    case "run_id":
      return exclude("named", `the workflow names ${pin.version}`);
    case "alias":
      return exclude("named", `the alias that the workflow names stood for ${pin.version} when the plan was made`);
    default:
      return pin.rule satisfies never;
  }
}

function judgeConsumed(writer: CandidateWriter | null, pin: Pin, session: SessionId): Exclusion {
  if (writer === null)
    return exclude("not-consumed", `the workflow consumes it from ${pin.from_run}, not from the project`);
  if (writer.session_id !== session)
    return exclude("other-session", `only what ${pin.from_run} saved in the same session is consumed`);
  if (writer.run !== pin.from_run) return exclude("other-run", `the workflow consumes it from ${pin.from_run}`);
  return exclude("superseded", `a later attempt of ${writer.run} succeeded too`);
}

function exclude(rule: ExclusionRule, reason: string): Exclusion {
  return { rule, reason };
}
