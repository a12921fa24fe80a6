import { lostRecord } from "../../../core/error/registry-error.ts";
import type { RegistryReader } from "../../../core/port/registry.ts";
import type { RunId } from "../../../core/run-id.ts";
import { type Fallback, listFallbacks } from "../../../explain/find/find-named.ts";
import { findStartedRun } from "../../../explain/find/find-run.ts";
import { findTarget, readTarget, type Target } from "../../../explain/find/read-target.ts";
import { explainAbsence, explainPin, type WhyQuestion } from "../../../explain/why.ts";
import { readSpec } from "../../failures/read-spec.ts";
import type { StateLocation } from "../../locate-state.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress } from "../context.ts";

/** A dataset that a run read. */
export interface ReadRequest {
  /** A dataset, if `run` is given; else `DATASET@RUN`, or an alias for a version and the run that saved it. */
  dataset: string;
  /** The run that read it. */
  run?: string | undefined;
  /** Session in which names are looked for. */
  session?: string | undefined;
  /** Moment that is asked about, ISO in UTC. Default: now. */
  at?: string | undefined;
}

/** Explains why a run read this version of a dataset. Throws ExplainError for names that are not on record. */
export function explainRead(
  address: StateAddress,
  { all = false, ...read }: ReadRequest & { /** Lists every version that was not chosen. */ all?: boolean | undefined },
  context: ActionContext = {},
): ReturnType<typeof explainPin> & { fallbacks: Fallback[] } {
  return readRegistry(address, context, (reader, state) => {
    const { question, fallback } = reportFound(context, toQuestion(reader, read, state));
    return { ...explainPin(reader, { ...question, all }), fallbacks: listFallbacks(fallback) };
  });
}

/** Explains why a run did not read a version. Throws ExplainError for names that are not on record. */
export function explainUnread(
  address: StateAddress,
  { version, ...read }: ReadRequest & { /** A version, or the run that saved it. */ version: string },
  context: ActionContext = {},
): ReturnType<typeof explainAbsence> & { fallbacks: Fallback[] } {
  return readRegistry(address, context, (reader, state) => {
    const { question, fallback } = reportFound(context, toQuestion(reader, read, state));
    const other = reportFound(context, findVersion(reader, version, read));
    const absence = explainAbsence(reader, { ...question, version: other.version });
    return { ...absence, fallbacks: listFallbacks(fallback, other.fallback) };
  });
}

/** Finds the version in question. The name of a run, or of its output, stands for the attempt that is found; another word stays as it is. */
function findVersion(
  reader: RegistryReader,
  version: string,
  { session, at }: ReadRequest,
): { version: string; fallback: Fallback | null } {
  const isName = reader.runsNamed(version).length > 0 || findTarget(reader, version, at) !== null;
  if (!isName) return { version, fallback: null };
  const { run, fallback } = findStartedRun(reader, version, { session, at });
  return { version: run.run_id, fallback };
}

function toQuestion(
  reader: RegistryReader,
  read: ReadRequest,
  state: StateLocation,
): { question: WhyQuestion; fallback: Fallback | null } {
  const { session, at } = read;
  const { dataset, word } = toTarget(reader, read);
  const { run: found, fallback } = findStartedRun(reader, word, { session, at });
  const [run] = reader.findHeads([found.run_id]);
  if (run === undefined) throw lostRecord(`run ${found.run_id}`);
  return { question: { dataset, run, at: at ?? null, floating: listFloating(state, found.run_id) }, fallback };
}

/** Finds the dataset and the run that read it, in one word or two. */
function toTarget(reader: RegistryReader, { dataset, run, at }: ReadRequest): Target {
  return run === undefined
    ? readTarget(reader, dataset, { usage: "runweave why DATASET@RUN", at })
    : { dataset, word: run };
}

/** Lists floating datasets as the run's process was told; none if its spec does not exist any more. */
function listFloating(state: StateLocation, runId: RunId): string[] {
  const floating = readSpec(state, runId)?.floating;
  return Array.isArray(floating) ? floating.filter((name) => typeof name === "string") : [];
}
