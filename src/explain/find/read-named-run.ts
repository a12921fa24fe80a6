import { lostRecord } from "../../core/error/registry-error.ts";
import type { NamedRun } from "../../core/port/name-questions.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { ExplainError } from "../explain-error.ts";

/** The record of an attempt. */
export type StartedRun = RunRecord & { run_id: RunId };

/** The whole record: as its session shows it, if that is the attempt that was named. */
export function readNamedRun(reader: RegistryReader, { session_id, run, run_id }: NamedRun): RunRecord {
  const shown = reader.findSession(session_id)?.runs.find((each) => each.run === run);
  const record = run_id === null || shown?.run_id === run_id ? shown : reader.findRun(run_id);
  if (record == null) throw lostRecord(`run ${run} of session ${session_id}`);
  return record;
}

/** The record of a run that has one attempt at least. Throws ExplainError (`never-started`) if it has none. */
export function readStarted(reader: RegistryReader, named: NamedRun): StartedRun {
  const { session_id, run } = named;
  const record = readNamedRun(reader, named);
  const { run_id } = record;
  if (run_id !== null) return { ...record, run_id };
  const hint = `\`runweave show ${session_id}\` shows what became of it`;
  const message = `${run} of session ${session_id} never started: ${record.reason ?? record.status}`;
  throw new ExplainError("never-started", message, hint);
}
